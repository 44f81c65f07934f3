import { NitroError } from '@nitroagi/shared/errors'
import type { ApiKey, CreatedApiKey } from '@nitroagi/shared/identity'
import type { CreateOperatorKey, CreateOperatorUser, OperatorUser, SetKeyTier } from '@nitroagi/shared/operator'
import type { Call } from '../call.ts'
import { checkPassword } from '../identity/password-rules.ts'
import type { Passwords } from '../identity/passwords.ts'
import { scopesOf } from '../identity/roles.ts'
import type { AccountsRepository, Membership } from '../ports/database/accounts-port.ts'
import type { ApiKeys } from './api-keys.ts'
import type { Audit } from './audit.ts'

export interface OperatorOptions {
  repository: AccountsRepository
  audit: Pick<Audit, 'together' | 'record'>
  passwords: Passwords
  apiKeys: ApiKeys
}

export type Operator = ReturnType<typeof createOperator>

/** What the machine's administrator does, above all workspaces. */
export function createOperator({ repository, audit, passwords, apiKeys }: OperatorOptions) {
  return {
    async createUser(
      call: Call,
      { email, password, name, workspace, role }: CreateOperatorUser,
    ): Promise<OperatorUser> {
      requireOperator(call)
      if (workspace === undefined && role !== undefined && role !== 'owner') {
        throw new NitroError('invalid_input', 'role: Name the workspace too; of their own workspace they are the owner')
      }
      await checkPassword(password, email)
      const passwordHash = await passwords.hash(password)
      return audit.together(async () => {
        const created = await repository.create({ email, passwordHash, name }, { workspace, role })
        const { userId: targetId, workspaceId } = created
        await audit.record(call, { action: 'user.create', targetId, workspaceId, facts: { role: created.role } })
        return toUser(created)
      })
    },

    async listUsers(call: Call): Promise<OperatorUser[]> {
      requireOperator(call)
      return (await repository.list()).map(toUser)
    },

    /** Without scopes the key may do everything that its owner may do. */
    async createKey(call: Call, { email, name, scopes }: CreateOperatorKey): Promise<CreatedApiKey> {
      requireOperator(call)
      const owner = await repository.membershipByEmail(email)
      if (!owner) throw new NitroError('not_found', `There is no account with the e-mail address ${email}`)
      return apiKeys.createFor(call, owner, { name }, scopes ?? scopesOf(owner.role))
    },

    /** Nobody decides this for a key of their own. */
    async setKeyTier(call: Call, { tier, ...named }: SetKeyTier): Promise<ApiKey> {
      requireOperator(call)
      return apiKeys.setTier(call, named, tier)
    },
  }
}

/** Their routes ask as well; this holds for whoever calls the service next. */
export function requireOperator({ actor }: Call): void {
  if (actor.via !== 'operator') throw new NitroError('not_found', 'There is nothing at this address')
}

const toUser = ({ suspended: _, ...user }: Membership): OperatorUser => user
