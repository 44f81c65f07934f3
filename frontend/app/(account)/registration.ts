import { connection } from 'next/server'
import { Registration } from '@nitroagi/shared/identity'
import { requestService } from '../../backend-client/service.ts'
import { logError } from '../../log.ts'

/** Who may sign up here, and whether letters can be sent; undefined when the backend cannot say. */
export async function readRegistration(): Promise<Registration | undefined> {
  // Asked for each visitor, never while the app is built.
  await connection()
  try {
    return await requestService('GET', '/api/v1/auth/registration', Registration)
  } catch (error) {
    logError('registration-unknown', error)
    return undefined
  }
}
