import { cookies } from 'next/headers'
import type { NextAuthOptions } from 'next-auth'
import { getToken } from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import { NitroError } from '@nitroagi/shared/errors'
import { Credentials, SignedIn } from '@nitroagi/shared/identity'
import { endSession, requestService } from './backend-client/service.ts'
import { getConfig } from './config.ts'
import { logError } from './log.ts'
import type { SessionIdentity } from './web-token.ts'

const days = 24 * 60 * 60

/** A function, because the secret is read at run time: a build has none. */
export function authOptions(): NextAuthOptions {
  return {
    secret: getConfig().sessionSecret,
    session: { strategy: 'jwt', maxAge: 14 * days },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: checkCredentials,
      }),
    ],
    events: {
      async signOut({ token }) {
        const identity = identityIn(token)
        if (!identity) return
        // Whoever leaves is gone from this browser in any case; a copy of the cookie must be of no use either.
        await endSession(identity).catch((error: unknown) => logError('session-not-ended', error))
      },
    },
    callbacks: {
      jwt: ({ token, user }) => (user ? { ...token, ...(user as unknown as SessionIdentity) } : token),
      // The browser needs no ids from the session: it asks the backend who it is.
      session: ({ session }) => ({ expires: session.expires }),
    },
  }
}

async function checkCredentials(given: Record<string, string> | undefined) {
  const credentials = Credentials.safeParse({ email: given?.email, password: given?.password })
  if (!credentials.success) return null
  try {
    const account = await requestService('POST', '/api/v1/auth/sign-in', SignedIn, credentials.data)
    return {
      id: account.userId,
      userId: account.userId,
      workspaceId: account.workspaceId,
      sessionId: account.sessionId,
    }
  } catch (error) {
    if (error instanceof NitroError && error.code === 'unauthenticated') return null
    // next-auth carries a thrown message to the page, which reads it as a code.
    throw new Error(error instanceof NitroError ? error.code : 'unavailable', { cause: error })
  }
}

/** Who the session cookie of this request names, or nobody. Works in pages and in route handlers. */
export async function readSession(): Promise<SessionIdentity | undefined> {
  // Only cookies are handed over: getToken would also take a session from an Authorization header.
  const request = { cookies: await cookies(), headers: new Headers() } as unknown as Parameters<
    typeof getToken
  >[0]['req']
  const { siteUrl, sessionSecret } = getConfig()
  const token = await getToken({
    req: request,
    secret: sessionSecret,
    ...(siteUrl ? { secureCookie: siteUrl.startsWith('https://') } : {}),
  })
  return identityIn(token)
}

function identityIn(token: unknown): SessionIdentity | undefined {
  const { userId, workspaceId, sessionId } = (token ?? {}) as Partial<SessionIdentity>
  return userId && workspaceId && sessionId ? { userId, workspaceId, sessionId } : undefined
}
