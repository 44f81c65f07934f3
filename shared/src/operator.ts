import { z } from 'zod'
import { Account, CreateApiKey, CreatedApiKey, Email, Role, Scope, SignUp, Tier } from './identity.ts'
import { limits } from './limits.ts'

/** With the operator key only: whom to act for. The first owner when absent. */
export const actAsHeader = 'X-Nitro-Act-As'

/** A person as the machine's operator sees them; `POST /api/v1/operator/users` answers with one. */
export const OperatorUser = Account.extend({ createdAt: z.iso.datetime() })
export type OperatorUser = z.infer<typeof OperatorUser>
export const OperatorUserList = z.object({ items: z.array(OperatorUser) })
export type OperatorUserList = z.infer<typeof OperatorUserList>

/**
 * `POST /api/v1/operator/users`. Without `workspace` they get one of their own and are its owner. With it they join
 * the workspace of that name as `role` (member when absent); it is made when nobody has it yet.
 */
export const CreateOperatorUser = SignUp.omit({ invitation: true }).extend({
  workspace: z.string().trim().min(1).max(limits.nameCharacters).optional(),
  role: Role.optional(),
})
export type CreateOperatorUser = z.infer<typeof CreateOperatorUser>

/** `POST /api/v1/operator/users/reset-link`: where no letters are sent, the operator hands the link over. */
export const CreateResetLink = z.strictObject({ email: Email })
export type CreateResetLink = z.infer<typeof CreateResetLink>
export const ResetLink = z.object({
  /** <web app>/reset-password#<token>. Whoever has it has the account. */
  link: z.string(),
  expiresAt: z.iso.datetime(),
})
export type ResetLink = z.infer<typeof ResetLink>

/** `POST /api/v1/operator/keys`; answered with `CreatedOperatorKey`, the only answer that holds the whole key. */
export const CreateOperatorKey = z.strictObject({
  email: Email,
  name: CreateApiKey.shape.name,
  scopes: z.array(Scope).min(1).optional(),
})
export type CreateOperatorKey = z.infer<typeof CreateOperatorKey>

export const CreatedOperatorKey = CreatedApiKey
export type CreatedOperatorKey = z.infer<typeof CreatedOperatorKey>

/** `POST /api/v1/operator/users/suspend`: in every workspace. */
export const SetSuspension = z.strictObject({ email: Email, suspended: z.boolean() })
export type SetSuspension = z.infer<typeof SetSuspension>
export const SuspendedUser = SetSuspension.extend({ userId: z.uuid() })
export type SuspendedUser = z.infer<typeof SuspendedUser>

/** `POST /api/v1/operator/keys/tier`: how much a key may ask for. Named by its id, or by the beginning that is shown of it. */
export const SetKeyTier = z
  .strictObject({ id: z.uuid().optional(), prefix: z.string().min(8).max(100).optional(), tier: Tier })
  .refine(({ id, prefix }) => (id === undefined) !== (prefix === undefined), 'Name the key by its id or its prefix')
export type SetKeyTier = z.infer<typeof SetKeyTier>

/** `GET /api/v1/operator/database` and `POST /api/v1/operator/database/migrate`, and what `migrate-main.ts` prints. */
export const DatabaseStatus = z.object({
  adapter: z.enum(['pglite', 'postgres', 'neon']),
  applied: z.array(z.object({ name: z.string(), appliedAt: z.iso.datetime() })),
  /** Migrations of this version that the database does not have yet, in order. */
  pending: z.array(z.string()),
  /** What keeps it from being used, in words, such as a migration whose text was changed after it was applied. */
  problems: z.array(z.string()),
})
export type DatabaseStatus = z.infer<typeof DatabaseStatus>
