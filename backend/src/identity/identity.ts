import type { Tier } from '@nitroagi/shared/identity'
import { sessionLimits } from '@nitroagi/shared/limits'
import type { Log } from '../log.ts'
import type { AccountCareRepository } from '../ports/database/account-care-port.ts'
import type { AccountsRepository } from '../ports/database/accounts-port.ts'
import type { ApiKeysRepository } from '../ports/database/api-keys-port.ts'
import type { CollectionsRepository } from '../ports/database/collections-port.ts'
import type { IdentitiesRepository } from '../ports/database/identities-port.ts'
import type { InstallationRepository } from '../ports/database/installation-port.ts'
import type { InvitationsRepository } from '../ports/database/invitations-port.ts'
import type { SecondFactorsRepository } from '../ports/database/second-factors-port.ts'
import type { SessionsRepository } from '../ports/database/sessions-port.ts'
import type { SignInAttemptsRepository } from '../ports/database/sign-in-attempts-port.ts'
import type { TicketsRepository } from '../ports/database/tickets-port.ts'
import type { Mail } from '../ports/mail/port.ts'
import { createAccountCare } from '../services/account-care.ts'
import { createAccountLinks } from '../services/account-links.ts'
import type { WorkingMemory } from '../ports/working-memory/port.ts'
import { createAccounts, type SessionDays } from '../services/accounts.ts'
import { createApiKeys } from '../services/api-keys.ts'
import type { Audit } from '../services/audit.ts'
import { createArrivals } from '../services/arrivals.ts'
import { createIdentities } from '../services/identities.ts'
import { createOperator } from '../services/operator.ts'
import { createProof, createProofCheck } from '../services/proof.ts'
import { createSecondFactors } from '../services/second-factors.ts'
import { createSessions } from '../services/sessions.ts'
import { createTickets } from '../services/tickets.ts'
import { createAuthenticate } from './authenticate.ts'
import type { Encryption } from './encryption.ts'
import { createLockOut } from './lock-out.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { createWebKeys } from './web-keys.ts'
import { createWebTokens } from './web-tokens.ts'

export interface IdentityOptions {
  log: Log
  audit: Audit
  repositories: {
    accounts: AccountsRepository
    accountCare: AccountCareRepository
    sessions: SessionsRepository
    signInAttempts: SignInAttemptsRepository
    secondFactors: SecondFactorsRepository
    identities: IdentitiesRepository
    invitations: InvitationsRepository
    installation: InstallationRepository
    apiKeys: ApiKeysRepository
    tickets: TicketsRepository
    collections: Pick<CollectionsRepository, 'find'>
  }
  encryption: Encryption
  operatorKey: string
  /** As NITRO_WEB_PUBLIC_KEY gives them; without any, nobody comes in through the web app. */
  webPublicKeys?: readonly string[] | undefined
  /** The same, kept in a file that may change while we run. */
  webPublicKeyFile?: string | undefined
  /** Where replicas tell each other which tokens were used. */
  workingMemory?: Pick<WorkingMemory, 'count'> | undefined
  /** The backend's own address as browsers reach it. */
  publicUrl: string
  /** Where people reach the web app. */
  webUrl: string
  mail: Mail
  corsOrigins: readonly string[]
  isFirstOwnerOpen: boolean
  ownerEmail?: string | undefined
  sessionDays?: SessionDays
  /** Of new API keys. */
  apiKeyTier?: Tier
  passwords?: Passwords
  /** For codes that change with the time. */
  now?: (() => number) | undefined
}

export type Identity = ReturnType<typeof createIdentity>

/** Everything that decides who somebody is and what they may do. */
export function createIdentity(options: IdentityOptions) {
  const { log, repositories, operatorKey, publicUrl, corsOrigins, isFirstOwnerOpen, ownerEmail } = options
  const { audit, passwords = createPasswords(), sessionDays = sessionLimits } = options
  const lockOut = createLockOut(repositories.signInAttempts)
  const links = createAccountLinks({
    repository: repositories.accountCare,
    attempts: repositories.signInAttempts,
    mail: options.mail,
    webUrl: options.webUrl,
    log,
  })
  const onChange = (userId: string): void => accounts.forget(userId)
  const checkProof = createProofCheck(repositories.accounts)
  const secondFactors = createSecondFactors({
    checkProof,
    repository: repositories.secondFactors,
    accounts: repositories.accounts,
    audit,
    encryption: options.encryption,
    passwords,
    lockOut,
    onChange,
    now: options.now,
  })
  const arrivals = createArrivals({
    accounts: repositories.accounts,
    invitations: repositories.invitations,
    installation: repositories.installation,
    audit,
    onChange,
  })
  const accounts = createAccounts({
    log,
    audit,
    repository: repositories.accounts,
    sessions: repositories.sessions,
    lockOut,
    secondFactors,
    arrivals,
    passwords,
    isFirstOwnerOpen,
    ownerEmail,
    sessionDays,
  })
  const identities = createIdentities({
    checkProof,
    repository: repositories.identities,
    accounts: repositories.accounts,
    audit,
    home: arrivals.home,
    secondFactors,
    lockOut,
    registration: () => accounts.registrationMode(),
    mayBeFirstOwner: accounts.mayBeFirstOwner,
    beginSession: (membership, visitor) => accounts.begin(membership, visitor),
    onChange,
  })
  const sessions = createSessions({ repository: repositories.sessions, audit, onEnd: accounts.forget })
  const apiKeys = createApiKeys({ repository: repositories.apiKeys, audit, log, tier: options.apiKeyTier })
  const tickets = createTickets({
    repository: repositories.tickets,
    collections: repositories.collections,
    apiKeys,
    publicUrl,
    origins: corsOrigins,
  })
  const operator = createOperator({ repository: repositories.accounts, audit, passwords, apiKeys })
  const keys = createWebKeys({ values: options.webPublicKeys, file: options.webPublicKeyFile }, log)
  const tokens = createWebTokens({ keys, workingMemory: options.workingMemory })
  return {
    accounts,
    proof: createProof({ ...repositories, checkProof, secondFactors, passwords, lockOut }),
    accountCare: createAccountCare({
      checkProof,
      repository: repositories.accountCare,
      accounts,
      audit,
      links,
      lockOut,
      passwords,
    }),
    sessions,
    secondFactors,
    identities,
    apiKeys,
    tickets,
    operator,
    authenticate: createAuthenticate({ tokens, accounts, apiKeys, tickets, operatorKey }),
  }
}
