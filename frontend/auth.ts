import { cookies } from 'next/headers'
import type { Account as OAuthAccount, NextAuthOptions, Profile, User } from 'next-auth'
import { getToken, type JWT } from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import { NitroError } from '@nitroagi/shared/errors'
import { Credentials, SignedIn } from '@nitroagi/shared/identity'
import { SignInWithIdentity } from '@nitroagi/shared/second-factor'
import { endSession, requestService } from './backend-client/service.ts'
import { inChosenWorkspace } from './chosen-workspace.ts'
import { getConfig } from './config.ts'
import { logError } from './log.ts'
import { otherServiceProviders, vouchedBy } from './other-services.ts'
import { connection, Connection, halfSignedIn } from './sign-in-steps.ts'
import type { SessionIdentity } from './web-token.ts'

const daySeconds = 24 * 60 * 60

/** A function, because the secret is read at run time: a build has none. */
export function authOptions(): NextAuthOptions {
  return {
    secret: getConfig().sessionSecret,
    session: { strategy: 'jwt', maxAge: Math.round(getConfig().sessionDays * daySeconds) },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        credentials: {
          email: { type: 'email' },
          password: { type: 'password' },
          code: { type: 'text' },
          invitation: { type: 'text' },
        },
        authorize: checkCredentials,
      }),
      CredentialsProvider({ id: 'second-factor', credentials: { code: { type: 'text' } }, authorize: checkCode }),
      ...otherServiceProviders(),
    ],
    logger: { error: (code, metadata) => logError(code, metadata instanceof Error ? metadata : metadata.error) },
    events: {
      async signOut({ token }) {
        const identity = identityIn(token)
        if (!identity) return
        // Whoever leaves is gone from this browser in any case; a copy of the cookie must be of no use either.
        await endSession(identity).catch((error: unknown) => logError('session-not-ended', error))
      },
    },
    callbacks: {
      signIn: async ({ user, account, profile }) =>
        account?.type === 'oauth' ? signInFromElsewhere(user, account, profile) : true,
      // Of a profile elsewhere only the ids are kept that the backend gave.
      jwt: ({ token, user, trigger, session }) =>
        user ? { ...identityIn(user) } : trigger === 'update' ? inWorkspaceOf(token, session) : token,
      // The browser needs no ids from the session: it asks the backend who it is.
      session: ({ session }) => ({ expires: session.expires }),
    },
  }
}

/** What `POST /api/auth/session` with `{ data: { workspaceId } }` does; ids alone are taken over, and never as they are said. */
async function inWorkspaceOf(token: JWT, session: unknown): Promise<JWT> {
  const identity = identityIn(token)
  return identity ? { ...token, ...(await inChosenWorkspace(identity, session)) } : token
}

async function checkCredentials(given: Record<string, string> | undefined) {
  const credentials = Credentials.safeParse({
    email: given?.email,
    password: given?.password,
    ...(given?.code ? { code: given.code } : {}),
    ...(given?.invitation ? { invitation: given.invitation } : {}),
  })
  if (!credentials.success) return null
  try {
    return await enter(await requestService('POST', '/api/v1/auth/sign-in', SignedIn, credentials.data))
  } catch (error) {
    if (codeOf(error) === 'unauthenticated') return null
    // next-auth carries a thrown message to the page, which reads it as a code.
    throw new Error(codeOf(error), { cause: error })
  }
}

/** The second step of who came from another service: the first one is in a cookie that only we can write. */
async function checkCode(given: Record<string, string> | undefined) {
  const person = await halfSignedIn.read()
  if (!person) throw new Error('sign_in_expired')
  const asked = SignInWithIdentity.safeParse({ ...person, code: given?.code })
  if (!asked.success) throw new Error('second_factor_required')
  try {
    const account = await requestService('POST', '/api/v1/auth/identity', SignedIn, asked.data)
    await halfSignedIn.forget()
    return await enter(account)
  } catch (error) {
    throw new Error(codeOf(error), { cause: error })
  }
}

/**
 * Whom another service vouches for, after next-auth has checked that this browser asked it. True lets them in as the
 * account that the backend says; an address is where they go instead.
 */
async function signInFromElsewhere(user: User, account: OAuthAccount, profile: Profile | undefined) {
  const begun = await connection.read()
  await connection.forget()
  const now = begun && (await readSession())
  // Who sits there now must be the one who began; otherwise one would get a way into the other's account.
  if (begun && (now?.sessionId !== begun.sessionId || account.provider !== begun.provider)) {
    return '/sign-in?error=connection_interrupted'
  }
  const person = vouchedBy(account, profile)
  const linkTo = begun && { userId: begun.userId, workspaceId: begun.workspaceId, sessionId: begun.sessionId }
  try {
    const signedIn = await requestService('POST', '/api/v1/auth/identity', SignedIn, { ...person, linkTo })
    Object.assign(user, await enter(signedIn))
    return true
  } catch (error) {
    if (codeOf(error) === 'second_factor_required') {
      await halfSignedIn.note(person)
      return `/sign-in?reason=code&next=${encodeURIComponent(await wayOn())}`
    }
    if (!(error instanceof NitroError)) logError('sign-in-elsewhere-failed', error)
    return `${begun ? '/settings/sign-in' : '/sign-in'}?error=${codeOf(error)}`
  }
}

/** Notes, as somebody leaves for another service, whether they want to sign in or to connect it to who they are here. */
export async function noteIntention(provider: string, isConnecting: boolean): Promise<void> {
  const identity = isConnecting ? await readSession() : undefined
  const step = Connection.safeParse({ provider, ...identity })
  await (step.success ? connection.note(step.data) : connection.forget())
}

/** Where they wanted to go, as next-auth noted it; the page looks whether it is one of ours. */
async function wayOn(): Promise<string> {
  const noted = (await cookies()).getAll().find(({ name }) => /^(__Secure-)?next-auth\.callback-url$/.test(name))
  return URL.parse(noted?.value ?? '')?.pathname ?? '/chat'
}

/** What goes into the cookie. The session that this browser had until now is of no more use to anybody. */
async function enter({ userId, workspaceId, sessionId }: SignedIn) {
  const before = await readSession()
  if (before && before.sessionId !== sessionId) {
    await endSession(before).catch((error: unknown) => {
      // It may well have ended already: that is why most people sign in again.
      if (codeOf(error) !== 'unauthenticated') logError('session-not-ended', error)
    })
  }
  return { id: userId, userId, workspaceId, sessionId }
}

const codeOf = (error: unknown): string => (error instanceof NitroError ? error.code : 'unavailable')

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
