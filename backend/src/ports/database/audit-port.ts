import type { AuditEntry, AuditExportLine, AuditQuery } from '@nitroagi/shared/audit'
import type { AuditHead } from '@nitroagi/shared/audit-chain'
import type { Page } from '@nitroagi/shared/paging'

export type NewAuditEntry = Pick<AuditEntry, 'actorId' | 'via' | 'action' | 'targetId' | 'facts' | 'requestId'>

/** Nothing in it can be changed or removed; it goes with its workspace. */
export interface AuditRepository {
  /** What is changed inside and what is appended inside: both or neither. Append last, for others wait from then on. */
  together<Result>(work: () => Promise<Result>): Promise<Result>
  /** Takes the next number of the workspace, without gaps however many come at once. */
  append(workspaceId: string, entry: NewAuditEntry): Promise<void>
  /** Newest first. */
  list(workspaceId: string, query: AuditQuery): Promise<Page<AuditEntry>>
  /** Oldest first, those after `sequence`; at most `limit`. */
  chain(workspaceId: string, after: number, limit: number): Promise<AuditExportLine[]>
  /** The newest entry that was ever added, whatever became of it; undefined before the first. */
  head(workspaceId: string): Promise<AuditHead | undefined>
  /** In which workspaces somebody is; undefined when there is nobody. */
  person(who: { userId: string } | { email: string }): Promise<{ userId: string; workspaceIds: string[] } | undefined>
}
