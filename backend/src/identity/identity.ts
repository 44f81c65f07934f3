import type { Log } from '../log.ts'
import type { AccountsRepository } from '../ports/database/accounts-port.ts'
import type { ApiKeysRepository } from '../ports/database/api-keys-port.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import type { SignInAttemptsRepository } from '../ports/database/sign-in-attempts-port.ts'
import type { TicketsRepository } from '../ports/database/tickets-port.ts'
import { createAccounts } from '../services/accounts.ts'
import { createApiKeys } from '../services/api-keys.ts'
import { createOperator } from '../services/operator.ts'
import { createSessions } from '../services/sessions.ts'
import { createTickets } from '../services/tickets.ts'
import { createAuthenticate } from './authenticate.ts'
import { createLockOut } from './lock-out.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { readWebKeys } from './web-keys.ts'
import { createWebTokens } from './web-tokens.ts'

export interface IdentityOptions {
  log: Log
  repositories: {
    accounts: AccountsRepository
    sessions: SessionsRepository
    signInAttempts: SignInAttemptsRepository
    apiKeys: ApiKeysRepository
    tickets: TicketsRepository
  }
  operatorKey: string
  /** As NITRO_WEB_PUBLIC_KEY gives them; without any, nobody comes in through the web app. */
  webPublicKeys?: readonly string[] | undefined
  /** The backend's own address as browsers reach it. */
  publicUrl: string
  corsOrigins: readonly string[]
  isFirstOwnerOpen: boolean
  ownerEmail?: string | undefined
  passwords?: Passwords
}

export type Identity = ReturnType<typeof createIdentity>

/** Everything that decides who somebody is and what they may do. */
export function createIdentity(options: IdentityOptions) {
  const { log, repositories, operatorKey, webPublicKeys, publicUrl, corsOrigins, isFirstOwnerOpen, ownerEmail } =
    options
  const passwords = options.passwords ?? createPasswords()
  const lockOut = createLockOut(repositories.signInAttempts)
  const accounts = createAccounts({
    log,
    repository: repositories.accounts,
    sessions: repositories.sessions,
    lockOut,
    passwords,
    isFirstOwnerOpen,
    ownerEmail,
  })
  const sessions = createSessions({ repository: repositories.sessions, onEnd: accounts.forget })
  const apiKeys = createApiKeys({ repository: repositories.apiKeys, log })
  const tickets = createTickets({ repository: repositories.tickets, publicUrl, origins: corsOrigins })
  const operator = createOperator({ repository: repositories.accounts, passwords, apiKeys })
  const tokens = createWebTokens(readWebKeys(webPublicKeys))
  return {
    accounts,
    sessions,
    apiKeys,
    tickets,
    operator,
    authenticate: createAuthenticate({ tokens, accounts, apiKeys, tickets, operatorKey }),
  }
}
