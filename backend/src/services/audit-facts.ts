import { Role, Scope, Tier } from '@nitroagi/shared/identity'
import { z } from 'zod'

const id = z.uuid()
const count = z.number().int()
/** Lower-case words with hyphens, which our own names are and nothing that somebody typed need be. */
const word = z
  .string()
  .max(40)
  .regex(/^[a-z]+(-[a-z]+)*$/)

/**
 * All that an entry of the audit log may say beside who did what to what. Each has a type that no text of a person, no
 * address and no secret fits. Whoever needs another one adds it here.
 */
export const AuditFacts = z
  .object({
    role: Role,
    roleBefore: Role.nullable(),
    scopes: z.array(Scope).transform((scopes) => scopes.join(' ')),
    tier: Tier,
    tierBefore: Tier,
    expiresAt: z.iso.datetime().nullable(),
    registration: z.enum(['invitation', 'open', 'closed']),
    registrationBefore: z.enum(['invitation', 'open', 'closed']),
    access: word,
    accessBefore: word,
    /** Set by the audit service itself where a key spoke. */
    keyId: id,
    userId: id,
    workspaceId: id,
    sessionId: id,
    collectionId: id,
    invitationId: id,
    count,
    tokens: count.nullable(),
    tokensBefore: count.nullable(),
    usd: z.number().nullable(),
    usdBefore: z.number().nullable(),
    isOn: z.boolean(),
    isForEmail: z.boolean(),
    /** Names of the fields of a setting that were changed, without their values. */
    changed: z.array(z.string().regex(/^[a-zA-Z]{1,40}$/)).transform((names) => names.join(' ')),
    /** How it was done or why, as one of the names that the code has for it. */
    method: word,
    reason: word,
    provider: word,
    period: word,
    kind: word,
    subject: word,
  })
  .partial()
export type AuditFacts = z.input<typeof AuditFacts>

/** What of it may be said, and the names of what may not. */
export function checkFacts(facts: AuditFacts): {
  facts: Record<string, string | number | boolean | null>
  refused: string[]
} {
  const kept: Record<string, string | number | boolean | null> = {}
  const refused: string[] = []
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue
    const known = Object.hasOwn(AuditFacts.shape, name)
    const parsed = known ? AuditFacts.shape[name as keyof typeof AuditFacts.shape].safeParse(value) : undefined
    if (parsed?.success && parsed.data !== undefined) kept[name] = parsed.data
    else refused.push(known ? name : 'unknown')
  }
  return { facts: kept, refused }
}

/** Ids and our own names: of a module, a provider or a setting. */
export const AuditTarget = z.union([id, word])
