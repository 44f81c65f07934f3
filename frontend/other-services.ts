import type { Account, Profile } from 'next-auth'
import GithubProvider from 'next-auth/providers/github'
import GoogleProvider from 'next-auth/providers/google'
import type { OAuthConfig } from 'next-auth/providers/oauth'
import { Email } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import { ProviderName, type SignInWithIdentity } from '@nitroagi/shared/second-factor'
import { z } from 'zod'
import { getConfig, type OtherService } from './config.ts'

export type { OtherService } from './config.ts'

/** Which services can be signed in with, for the pages: their secrets stay here. */
export const listOtherServices = (): Pick<OtherService, 'id' | 'name'>[] =>
  getConfig().otherServices.map(({ id, name }) => ({ id, name }))

// Every service's claims are different; what we take from them is checked below.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const otherServiceProviders = (): OAuthConfig<any>[] => getConfig().otherServices.map(toProvider)

const httpOptions = { timeout: 10_000 }

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function toProvider({ id, name, clientId, clientSecret, issuer }: OtherService): OAuthConfig<any> {
  switch (id) {
    case 'google':
      return GoogleProvider({ clientId, clientSecret, httpOptions, checks: ['pkce', 'state', 'nonce'] })
    case 'github':
      return GithubProvider({
        clientId,
        clientSecret,
        httpOptions,
        checks: ['pkce', 'state'],
        userinfo: {
          url: 'https://api.github.com/user',
          async request({ client, tokens }) {
            const token = tokens.access_token ?? ''
            return { ...(await client.userinfo(token)), ...primaryEmail(await githubEmails(token)) }
          },
        },
      })
    case 'oidc':
      return {
        id,
        name,
        type: 'oauth',
        wellKnown: metadataUrl(issuer),
        authorization: { params: { scope: 'openid email profile' } },
        clientId,
        clientSecret,
        httpOptions,
        idToken: true,
        checks: ['pkce', 'state', 'nonce'],
        userinfo: {
          // Many say who somebody is in the token and their e-mail address only when asked.
          async request({ client, tokens }) {
            // next-auth hands over what came from the service, and its types say less of it.
            const given = tokens as Exclude<Parameters<typeof client.userinfo>[0], string>
            const claims = given.claims()
            // Looked at before they were sent there; this is what was said since, and what the token says.
            checkIssuer(issuer, client.issuer.metadata.issuer)
            checkIssuer(issuer, claims.iss)
            if (claims.email !== undefined || !client.issuer.metadata.userinfo_endpoint) return claims
            return { ...(await client.userinfo(given)), ...claims }
          },
        },
        profile: (claims: { sub: string }) => ({ id: claims.sub }),
      }
  }
}

const metadataUrl = (issuer: string | undefined) =>
  `${String(issuer).replace(/\/+$/, '')}/.well-known/openid-configuration`

const Metadata = z.object({ issuer: z.string() })

function checkIssuer(expected: string | undefined, said: unknown): void {
  if (said === expected) return
  throw new Error(`OIDC_ISSUER is ${expected}, and what answers there calls itself ${String(said).slice(0, 200)}`)
}

/** Whether that service is who the settings say: one that calls itself something else could take another one's place. */
export async function checkService(provider: string): Promise<void> {
  const service = getConfig().otherServices.find(({ id }) => id === provider)
  if (service?.issuer === undefined) return
  const answer = await fetch(metadataUrl(service.issuer), {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(httpOptions.timeout),
    redirect: 'error',
  })
  if (!answer.ok) throw new Error(`${service.name} answered ${answer.status} about itself`)
  checkIssuer(service.issuer, Metadata.parse(await answer.json()).issuer)
}

const GithubEmails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

async function githubEmails(token: string): Promise<z.infer<typeof GithubEmails>> {
  const answer = await fetch('https://api.github.com/user/emails', {
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(httpOptions.timeout),
  })
  return answer.ok ? GithubEmails.parse(await answer.json()) : []
}

/** The public address of a profile is not said to be verified, so only this list counts. */
export function primaryEmail(emails: z.infer<typeof GithubEmails>) {
  const primary = emails.find((address) => address.primary)
  return { email: primary?.email, email_verified: primary?.verified === true }
}

/** Whom the service vouches for, in our words; throws when it does not say who somebody is. */
export function vouchedBy(account: Account, profile: Profile | undefined): SignInWithIdentity {
  const claims = (profile ?? {}) as Record<string, unknown>
  const email = Email.safeParse(claims['email'])
  const name = typeof claims['name'] === 'string' ? claims['name'].trim().slice(0, limits.nameCharacters) : ''
  return {
    provider: ProviderName.parse(account.provider),
    subject: account.providerAccountId,
    email: email.success ? email.data : null,
    // Some write it as text.
    isEmailVerified: claims['email_verified'] === true || claims['email_verified'] === 'true',
    name: name || null,
  }
}
