import type { Document } from '@nitroagi/shared/knowledge'

export type DocumentFeed = ReturnType<typeof createDocumentFeed>

interface Listener {
  deleted: Document[]
  wake: (() => void) | undefined
}

/**
 * Wakes those who watch a workspace's documents in this process. What changed they read from the database, which also
 * knows of other processes; only a document that is gone must be told by hand.
 */
export function createDocumentFeed() {
  const listeners = new Map<string, Set<Listener>>()

  return {
    tell(workspaceId: string, deleted?: Document): void {
      for (const listener of listeners.get(workspaceId) ?? []) {
        if (deleted) listener.deleted.push(deleted)
        listener.wake?.()
      }
    },

    listen(workspaceId: string) {
      const listener: Listener = { deleted: [], wake: undefined }
      const all = listeners.get(workspaceId) ?? new Set()
      listeners.set(workspaceId, all.add(listener))
      return {
        takeDeleted: () => listener.deleted.splice(0),
        next: () => new Promise<void>((resolve) => (listener.wake = resolve)),
        close() {
          all.delete(listener)
          if (all.size === 0) listeners.delete(workspaceId)
        },
      }
    },
  }
}
