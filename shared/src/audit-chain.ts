import type { AuditExportLine, AuditVerification } from './audit.ts'

/** What the first entry of every workspace follows on. */
export const auditBeginning = '0'.repeat(64)

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
 * elsewhere since it was the newest: without it nobody can tell that the newest entries were cut off.
 */
export function createAuditVerifier(
  hashOf: (text: string) => string,
  { isPart = false, noted }: { isPart?: boolean; noted?: string | undefined } = {},
) {
  let previous: AuditExportLine | undefined
  let entries = 0
  let brokenAt: number | null = null
  let hasNoted = false

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
      previous = entry
      entries += 1
    },
    result: (): AuditVerification => ({
      isWhole: brokenAt === null,
      entries,
      brokenAt,
      head: previous?.hash ?? null,
      hasNoted: noted === undefined ? null : hasNoted,
    }),
  }
}
