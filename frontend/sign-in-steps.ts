import { cookies } from 'next/headers'
import { decode, encode } from 'next-auth/jwt'
import { ProviderName, SignInWithIdentity } from '@nitroagi/shared/second-factor'
import { z } from 'zod'
import { getConfig } from './config.ts'

/** As long as next-auth remembers what it asked the other service. */
const seconds = 15 * 60

/** Somebody who is signed in connects another service: whose account it shall lead to, whoever sits there at the end. */
export const Connection = z.object({
  provider: ProviderName,
  userId: z.uuid(),
  workspaceId: z.uuid(),
  sessionId: z.uuid(),
})

interface Surroundings {
  /** The browser's cookies, of the request that is answered. */
  cookieJar: () => Promise<Pick<Awaited<ReturnType<typeof cookies>>, 'get' | 'set' | 'has'>>
  config: () => Pick<ReturnType<typeof getConfig>, 'siteUrl' | 'sessionSecret'>
}

/**
 * What a sign-in remembers between its steps: in the browser that began it, sealed so that it can neither be read nor
 * made up there, and good for nothing else.
 */
export function createStep<Step>(
  name: string,
  schema: z.ZodType<Step>,
  { cookieJar, config }: Surroundings = { cookieJar: cookies, config: getConfig },
) {
  // Read at run time: a build has no settings.
  const isSecure = () => config().siteUrl?.startsWith('https://') ?? false
  const cookieName = () => `${isSecure() ? '__Host-' : ''}nitro.${name}`
  const options = () => ({ httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure() }) as const

  return {
    async note(step: Step): Promise<void> {
      const secret = config().sessionSecret
      const value = await encode({ token: { step }, secret, salt: cookieName(), maxAge: seconds })
      const store = await cookieJar()
      store.set(cookieName(), value, { ...options(), maxAge: seconds })
    },
    async read(): Promise<Step | undefined> {
      const token = (await cookieJar()).get(cookieName())?.value
      if (!token) return undefined
      const sealed = await decode({ token, secret: config().sessionSecret, salt: cookieName() }).catch(() => null)
      return schema.safeParse(sealed?.['step']).data
    },
    async forget(): Promise<void> {
      const store = await cookieJar()
      if (store.has(cookieName())) store.set(cookieName(), '', { ...options(), maxAge: 0 })
    },
  }
}

export const connection = createStep('connection', Connection)
/** Another service has said who somebody is; the code of their second factor is still to come. */
export const halfSignedIn = createStep('half-signed-in', SignInWithIdentity)
