import { Note, type MemoryScope, type Remembered, type WorkingMemory } from './port.ts'
import { createRemoteMeters } from './remote-meters.ts'
import { keepStrongest, ttlSeconds } from './strength.ts'

/** What a server that speaks Redis's commands is asked for, whether over TCP or REST. */
export interface RedisCommands {
  run(command: Command): Promise<unknown>
  /** All or nothing, and with nobody in between; the replies in order. */
  transaction(commands: readonly TransactionCommand[]): Promise<unknown[]>
  subscribe(channel: string, hear: (message: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export type Command = readonly [name: string, ...parts: string[]]
export type TransactionCommand = readonly [
  name: 'HSET' | 'HGETALL' | 'INCR' | 'EXPIRE',
  key: string,
  ...parts: string[],
]

const summaryField = 'summary'

/**
 * Working memory on a Redis. A conversation is one hash, a note a field of it; every key starts with its workspace.
 * Recalling is one command, remembering five, and three more when a note falls out and is summed up.
 */
export function createRemoteWorkingMemory({ run, transaction, subscribe, close }: RedisCommands): WorkingMemory {
  return {
    recall: async (scope) => {
      const { notes, summary } = read(await run(['HGETALL', notesKey(scope)]))
      return { notes: keepStrongest(notes).kept, summary }
    },

    async remember(scope, notes) {
      const key = notesKey(scope)
      const fields = notes.flatMap((note) => [note.id, JSON.stringify(note)])
      const replies = await transaction([
        ...(fields.length > 0 ? [['HSET', key, ...fields] as const] : []),
        ['EXPIRE', key, `${ttlSeconds}`],
        ['HGETALL', key],
      ])
      const held = read(replies.at(-1))
      const { fellOut } = keepStrongest(held.notes)
      if (fellOut.length === 0) return { fellOut, summary: held.summary }
      // Two writers may see the same note too many; whoever deletes it has it.
      const deleted = await Promise.all(fellOut.map(({ id }) => run(['HDEL', key, id])))
      return { fellOut: fellOut.filter((_, index) => Number(deleted[index]) === 1), summary: held.summary }
    },

    async summarise(scope, summary) {
      const key = notesKey(scope)
      await Promise.all([run(['HSET', key, summaryField, summary]), run(['EXPIRE', key, `${ttlSeconds}`])])
    },
    forget: async (scope) => void (await run(['DEL', notesKey(scope)])),

    ...createRemoteMeters(run),

    async count(workspaceId, name, seconds) {
      const key = `${workspaceId}:count:${name}`
      const [count] = await transaction([
        ['INCR', key],
        ['EXPIRE', key, `${seconds}`, 'NX'],
      ])
      return Number(count)
    },
    async cached(workspaceId, name) {
      const value = await run(['GET', `${workspaceId}:cache:${name}`])
      return value == null ? undefined : String(value)
    },
    cache: async (workspaceId, name, value, seconds) =>
      void (await run(['SET', `${workspaceId}:cache:${name}`, value, 'EX', `${seconds}`])),

    publish: async (workspaceId, channel, message) =>
      void (await run(['PUBLISH', `${workspaceId}:channel:${channel}`, message])),
    subscribe: (workspaceId, channel, hear) => subscribe(`${workspaceId}:channel:${channel}`, hear),

    check: async () => void (await run(['PING'])),
    close,
  }
}

const notesKey = ({ workspaceId, conversationId }: MemoryScope) => `${workspaceId}:notes:${conversationId}`

/** Fields and values in turn, or already as an object. What is not a note of ours is as good as forgotten. */
function read(reply: unknown): Remembered {
  const fields = Array.isArray(reply)
    ? reply.flatMap((value, index) => (index % 2 === 0 ? [[String(value), reply[index + 1]] as const] : []))
    : Object.entries(reply ?? {})
  const notes: Note[] = []
  let summary = ''
  for (const [field, value] of fields) {
    if (field === summaryField) summary = String(value)
    else {
      const note = Note.safeParse(parse(value))
      if (note.success && note.data.id === field) notes.push(note.data)
    }
  }
  return { notes, summary }
}

function parse(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    return undefined
  }
}
