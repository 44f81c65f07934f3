import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dropPrepared, preparedFolder } from './prepared-databases.ts'

/** What the tests of one run prepare once for all of them has a place from here, and is gone at the end. */
export default async function prepareRun() {
  const id = randomUUID().replaceAll('-', '')
  // Inherited by the processes that tests run in.
  process.env['NITRO_TEST_RUN'] = id
  await mkdir(preparedFolder(id))
  return async () => {
    await rm(preparedFolder(id), { recursive: true, force: true })
    await dropPrepared(id)
  }
}
