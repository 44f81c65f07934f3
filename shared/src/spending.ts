import { z } from 'zod'

/** What may be spent in a calendar month (UTC). Null: no cap of its own. */
export const Cap = z.strictObject({
  /** In US dollars. */
  usd: z.number().min(0).max(1_000_000).nullable(),
  tokens: z.int().min(0).max(1_000_000_000_000).nullable(),
})
export type Cap = z.infer<typeof Cap>

/** What was spent in this month, and what calls under way hold back. */
export const Spent = z.object({ usd: z.number(), tokens: z.int(), reservedUsd: z.number(), reservedTokens: z.int() })
export type Spent = z.infer<typeof Spent>

/** `GET /api/v1/workspace/spending`: for owners and admins. */
export const WorkspaceSpending = z.object({
  /** First day of the month, UTC. */
  month: z.iso.date(),
  workspace: z.object({ cap: Cap, spent: Spent }),
  /** What every member may spend, unless they have a cap of their own. */
  memberCap: Cap,
  members: z.array(
    z.object({ userId: z.uuid(), name: z.string().nullable(), email: z.string(), cap: Cap.nullable(), spent: Spent }),
  ),
  keys: z.array(z.object({ keyId: z.uuid(), name: z.string(), prefix: z.string(), cap: Cap.nullable(), spent: Spent })),
})
export type WorkspaceSpending = z.infer<typeof WorkspaceSpending>

/** `PUT /api/v1/workspace/spending`; only what is named changes. */
export const ChangeCaps = z.strictObject({ workspace: Cap.optional(), member: Cap.optional() })
export type ChangeCaps = z.infer<typeof ChangeCaps>

/** `PUT /api/v1/workspace/spending/members/{id}` and `…/keys/{id}`; null gives the common cap back. */
export const SetCap = z.strictObject({ cap: Cap.nullable() })
export type SetCap = z.infer<typeof SetCap>

/** `GET /api/v1/me/spending` */
export const MySpending = z.object({ month: z.iso.date(), cap: Cap, spent: Spent })
export type MySpending = z.infer<typeof MySpending>
