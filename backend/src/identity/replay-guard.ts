import { createHash } from 'node:crypto'
import type { WorkingMemory } from '../ports/working-memory/port.ts'

interface ReplayGuardOptions {
  /** As long as what is guarded can be used at all. */
  seconds: number
  workingMemory?: Pick<WorkingMemory, 'count'> | undefined
  now?: () => number
}

/** Seen ids are of no workspace: a token that comes again may name another one. */
const everyWorkspace = '00000000-0000-0000-0000-000000000000'

/**
 * Says whether an id comes again. This process remembers by itself, and the working memory what other replicas have seen; while
 * that is away, a replay gets through only at a replica that has not seen it.
 */
export function createReplayGuard({ seconds, workingMemory, now = Date.now }: ReplayGuardOptions) {
  // Of two generations, each as long as a token lives, one holds every id that could come again.
  let recent = new Set<string>()
  let older = new Set<string>()
  let turned = now()

  function isSeenHere(id: string): boolean {
    if (now() - turned > seconds * 1000) {
      older = now() - turned > 2 * seconds * 1000 ? new Set() : recent
      recent = new Set()
      turned = now()
    }
    if (recent.has(id) || older.has(id)) return true
    recent.add(id)
    return false
  }

  return async (id: string): Promise<boolean> => {
    if (isSeenHere(id)) return true
    if (!workingMemory) return false
    const name = `web-token ${createHash('sha256').update(id).digest('base64url')}`
    try {
      return (await workingMemory.count(everyWorkspace, name, seconds)) > 1
    } catch {
      return false
    }
  }
}
