import type { AuditExportLine, AuditVerification } from './audit.ts'

/** What the first entry of every workspace follows on. */
export const auditBeginning = '0'.repeat(64)

export type AuditHead = Pick<AuditExportLine, 'sequence' | 'hash'>

export type AuditLink = Omit<AuditExportLine, 'actorName' | 'hash'>

/** What an entry's hash is taken of: the same text wherever it is worked out, whatever order its fields were stored in. */
export const auditText = (entry: AuditLink): string =>
  JSON.stringify([
    entry.previousHash,
    entry.workspaceId,
    entry.sequence,
    entry.at,
    entry.actorId,
    entry.via,
    entry.action,
    entry.targetId,
    Object.entries(entry.facts).sort(([one], [other]) => (one < other ? -1 : 1)),
    entry.requestId,
  ])

/**
 * Follows a chain from its oldest entry on, or from anywhere when `isPart`. `noted` is the hash of an entry, kept
 * elsewhere since it was the newest. `newest` is the entry that has to be there: without one or the other nobody can tell
 * that the newest entries were cut off.
 */
export function createAuditVerifier(
  hashOf: (text: string) => string,
  { isPart = false, noted, newest }: { isPart?: boolean; noted?: string | undefined; newest?: AuditHead } = {},
) {
  let previous: AuditExportLine | undefined
  let entries = 0
  let brokenAt: number | null = null
  let hasNoted = false
  let hasNewest = newest === undefined

  const follows = (entry: AuditExportLine): boolean => {
    if (hashOf(auditText(entry)) !== entry.hash) return false
    if (!previous) return isPart || (entry.sequence === 1 && entry.previousHash === auditBeginning)
    const { workspaceId, sequence, hash } = previous
    return entry.workspaceId === workspaceId && entry.sequence === sequence + 1 && entry.previousHash === hash
  }

  return {
    add(entry: AuditExportLine): void {
      // Where one is missing, the number that should have come says more than the one that did.
      const expected = previous ? previous.sequence + 1 : isPart ? entry.sequence : 1
      if (brokenAt === null && !follows(entry)) brokenAt = Math.min(entry.sequence, expected)
      if (brokenAt === null && entry.hash === noted) hasNoted = true
      if (entry.sequence === newest?.sequence && entry.hash === newest.hash) hasNewest = true
      previous = entry
      entries += 1
    },
    result(): AuditVerification {
      // A whole chain that ends too early is broken where it should have gone on.
      const cutAt = hasNewest ? null : Math.min(newest!.sequence, (previous?.sequence ?? 0) + 1)
      return {
        isWhole: (brokenAt ?? cutAt) === null,
        entries,
        brokenAt: brokenAt ?? cutAt,
        head: previous?.hash ?? null,
        hasNoted: noted === undefined ? null : hasNoted,
      }
    },
  }
}
