import { describe, expect, it } from 'vitest'
import { noteOf } from './contract.ts'
import { createRemoteWorkingMemory, type Command } from './remote.ts'

const here = { workspaceId: 'w', conversationId: 'c' }

/** What a Redis would be told, and what it says to each command. */
function open(reply: unknown) {
  const told: Command[] = []
  const run = async (command: Command) => (told.push(command), reply)
  const memory = createRemoteWorkingMemory({
    run,
    transaction: (commands) => Promise.all(commands.map(run)),
    subscribe: async (channel) => async () => void told.push(['left', channel]),
    close: async () => {},
  })
  return { told, memory }
}

it('keeps everything under names that begin with the workspace', async () => {
  const { told, memory } = open(null)
  await memory.recall(here)
  await memory.remember(here, [noteOf('a')])
  await memory.remember(here, [])
  await memory.summarise(here, 'in short')
  await memory.forget(here)
  await memory.count('w', 'asks', 60)
  expect(await memory.cached('w', 'name')).toBeUndefined()
  await memory.cache('w', 'name', 'value', 60)
  await memory.publish('w', 'news', 'hello')
  await (
    await memory.subscribe('w', 'news', () => {})
  )()
  expect([...new Set(told.map(([, key]) => key))]).toEqual([
    'w:notes:c',
    'w:count:asks',
    'w:cache:name',
    'w:channel:news',
  ])
  await memory.check()
  expect(told.at(-1)).toEqual(['PING'])
})

describe('what a Redis gives back', () => {
  const [good, other] = [noteOf('good'), noteOf('other')]
  const held = { good: JSON.stringify(good), summary: 'in short' }

  it.each([
    ['in turn', Object.entries(held).flat()],
    ['as an object', { ...held, good }],
    [
      'beside what is none of ours',
      { ...held, torn: '{"id":"torn"', poor: '{"id":"poor"}', moved: JSON.stringify(other) },
    ],
  ])('is read %s', async (_, reply) => {
    expect(await open(reply).memory.recall(here)).toEqual({ notes: [good], summary: 'in short' })
  })

  it('is handed back by whoever deleted it alone, when it fell out', async () => {
    const notes = Array.from({ length: 10 }, (_, at) => noteOf(`n${at}`, { createdAtMs: at * 60_000 }))
    const all = Object.fromEntries(notes.map((note) => [note.id, note]))
    const remember = (deleted: number) =>
      createRemoteWorkingMemory({
        run: async () => deleted,
        transaction: async () => [1, 1, all],
        subscribe: async () => async () => {},
        close: async () => {},
      }).remember(here, notes)
    expect((await remember(1)).fellOut).toEqual([notes[0]])
    expect((await remember(0)).fellOut).toEqual([])
  })
})
