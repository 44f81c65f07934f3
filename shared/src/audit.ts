import { z } from 'zod'
import { PageQuery } from './paging.ts'

const Hash = z.string().regex(/^[0-9a-f]{64}$/)

/** `GET /api/v1/audit`, newest first, and a line of `GET /api/v1/audit/export` (JSON Lines, oldest first). */
export const AuditEntry = z.object({
  /** 1, 2, 3 … within the workspace. */
  sequence: z.int(),
  at: z.iso.datetime(),
  /** Null for the system itself; the name is as it is now, null when the account is gone. */
  actorId: z.uuid().nullable(),
  actorName: z.string().nullable(),
  via: z.string(),
  /** noun.verb, as `api-key.create`. */
  action: z.string(),
  targetId: z.string().nullable(),
  /** Small facts such as a role before and after; never content, never a secret. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  requestId: z.string().nullable(),
  /** SHA-256, hexadecimal, over the entry and the hash before it. */
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** A noun, such as `api-key`, or a noun and a verb. */
const Action = z.string().regex(/^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)?$/, 'must be as api-key or api-key.create')

export const AuditQuery = PageQuery.extend({
  action: Action.optional(),
  actorId: z.uuid().optional(),
  from: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
})
export type AuditQuery = z.infer<typeof AuditQuery>

/** With these, an entry can be checked without the database. */
export const AuditExportLine = AuditEntry.extend({ workspaceId: z.uuid(), previousHash: Hash })
export type AuditExportLine = z.infer<typeof AuditExportLine>

export const AuditPage = z.object({ items: z.array(AuditEntry), nextCursor: z.string().nullable() })
export type AuditPage = z.infer<typeof AuditPage>

/** `GET /api/v1/audit/verification` */
export const AuditVerificationQuery = z.object({ noted: Hash.optional() })

/** `GET /api/v1/audit/verification` and `npm run nitro -- audit verify` */
export const AuditVerification = z.object({
  isWhole: z.boolean(),
  entries: z.int(),
  /** The first entry that does not follow from the one before it. */
  brokenAt: z.int().nullable(),
  /** Of the newest entry: noted elsewhere, it shows later that none was cut off. */
  head: z.string().nullable(),
  /** Whether the hash that was asked for, noted earlier, is one of the chain; null when none was. */
  hasNoted: z.boolean().nullable(),
})
export type AuditVerification = z.infer<typeof AuditVerification>
