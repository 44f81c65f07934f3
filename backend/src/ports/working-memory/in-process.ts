import { createMeters } from './meters.ts'
import { notesAtMost, type Note, type WorkingMemory } from './port.ts'
import { keepStrongest, ttlSeconds } from './strength.ts'

interface Held {
  notes: Note[]
  summary: string
}

/** For one process. Each kind holds so many entries at most; then the one that was touched longest ago makes room. */
const entriesAtMost = 10_000

export function createInProcessWorkingMemory({ now = Date.now } = {}): WorkingMemory {
  const conversations = createFadingMap<Held>(now)
  const counters = createFadingMap<{ count: number }>(now)
  const values = createFadingMap<string>(now)
  const meters = createMeters({ now })
  const listeners = new Map<string, Set<(message: string) => void>>()
  const heldFor = (scope: string): Held => conversations.get(scope) ?? { notes: [], summary: '' }
  const key = (workspaceId: string, name: string) => `${workspaceId}:${name}`

  return {
    async recall({ workspaceId, conversationId }) {
      const { notes, summary } = heldFor(key(workspaceId, conversationId))
      return { notes: structuredClone(notes), summary }
    },
    async remember({ workspaceId, conversationId }, notes) {
      const scope = key(workspaceId, conversationId)
      const held = heldFor(scope)
      const byId = new Map([...held.notes, ...structuredClone(notes)].map((note) => [note.id, note]))
      const { kept, fellOut } = keepStrongest([...byId.values()])
      conversations.set(scope, { ...held, notes: kept }, ttlSeconds)
      return { fellOut, summary: held.summary }
    },
    async summarise({ workspaceId, conversationId }, summary) {
      const scope = key(workspaceId, conversationId)
      conversations.set(scope, { ...heldFor(scope), summary }, ttlSeconds)
    },
    async forget({ workspaceId, conversationId }) {
      conversations.delete(key(workspaceId, conversationId))
    },

    take: async (workspaceId, asked, lease) =>
      meters.take(
        asked.map(({ name }) => key(workspaceId, name)),
        asked,
        lease,
      ),
    async hold(workspaceId, names, lease) {
      meters.hold(
        names.map((name) => key(workspaceId, name)),
        lease,
      )
    },
    async release(workspaceId, names, lease) {
      meters.release(
        names.map((name) => key(workspaceId, name)),
        lease,
      )
    },

    async count(workspaceId, name, seconds) {
      const counter = counters.get(key(workspaceId, name))
      if (counter) return ++counter.count
      counters.set(key(workspaceId, name), { count: 1 }, seconds)
      return 1
    },
    cached: async (workspaceId, name) => values.get(key(workspaceId, name)),
    async cache(workspaceId, name, value, seconds) {
      values.set(key(workspaceId, name), value, seconds)
    },

    async publish(workspaceId, channel, message) {
      for (const hear of listeners.get(key(workspaceId, channel)) ?? []) queueMicrotask(() => hear(message))
    },
    async subscribe(workspaceId, channel, hear) {
      const name = key(workspaceId, channel)
      const hearing = listeners.get(name) ?? new Set()
      // One function may listen twice, so each subscription is a listener of its own.
      const listener = (message: string) => hear(message)
      listeners.set(name, hearing.add(listener))
      return async () => {
        hearing.delete(listener)
        if (hearing.size === 0) listeners.delete(name)
      }
    },

    check: async () => `in this process, ${notesAtMost} notes a conversation`,
    async close() {
      listeners.clear()
    },
  }
}

/** Entries that are gone after their time; a Map keeps its order, so its first entry is the one set longest ago. */
function createFadingMap<Value>(now: () => number) {
  const entries = new Map<string, { value: Value; endsAt: number }>()
  return {
    get(key: string): Value | undefined {
      const entry = entries.get(key)
      if (entry && entry.endsAt > now()) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key: string, value: Value, seconds: number): void {
      entries.delete(key)
      entries.set(key, { value, endsAt: now() + seconds * 1000 })
      if (entries.size > entriesAtMost) entries.delete(entries.keys().next().value!)
    },
    delete: (key: string) => void entries.delete(key),
  }
}
