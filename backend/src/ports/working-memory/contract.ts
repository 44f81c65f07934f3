import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { MemoryScope, Meter, Note, WorkingMemory } from './port.ts'

const minute = 60_000

export const noteOf = (id: string, more: Partial<Note> = {}): Note => ({
  id,
  question: `What is ${id}?`,
  gist: `It is ${id}: "quoted", ünïcode and a\nbreak.`,
  subject: id,
  createdAtMs: 1_000,
  relevance: 1,
  usedAtMs: more.createdAtMs ?? 1_000,
  uses: 0,
  ...more,
})

const scope = (): MemoryScope => ({ workspaceId: randomUUID(), conversationId: randomUUID() })
const ids = (notes: readonly Note[]) => notes.map((note) => note.id)

/** What every working memory keeps. */
export function workingMemoryContract(memory: () => WorkingMemory): void {
  it('knows nothing of a new conversation', async () => {
    expect(await memory().recall(scope())).toEqual({ notes: [], summary: '' })
    await memory().forget(scope())
  })

  it('gives back what was noted, newest first, word for word', async () => {
    const here = scope()
    const [older, newer] = [noteOf('older'), noteOf('newer', { createdAtMs: 2_000 })]
    await memory().remember(here, [older])
    expect(await memory().remember(here, [newer])).toEqual({ fellOut: [], summary: '' })
    expect(await memory().recall(here)).toEqual({ notes: [newer, older], summary: '' })
  })

  it('holds nine notes; the one longest unused falls out, is handed back once, and its summary stays', async () => {
    const here = scope()
    const notes = Array.from({ length: 10 }, (_, at) => noteOf(`n${at}`, { createdAtMs: at * minute }))
    await memory().remember(here, notes.slice(0, 9))
    const { fellOut } = await memory().remember(here, notes.slice(9))
    expect(fellOut).toEqual([notes[0]])
    await memory().summarise(here, '42 "things"')
    expect(await memory().remember(here, [])).toEqual({ fellOut: [], summary: '42 "things"' })
    expect(ids((await memory().recall(here)).notes)).toEqual(['n9', 'n8', 'n7', 'n6', 'n5', 'n4', 'n3', 'n2', 'n1'])
  })

  it('keeps an old note that was of use over a newer one that was not', async () => {
    const here = scope()
    const notes = Array.from({ length: 9 }, (_, at) => noteOf(`n${at}`, { createdAtMs: at * minute, relevance: 0.1 }))
    await memory().remember(here, notes)
    const used = { ...notes[0]!, relevance: 0.9, usedAtMs: 9 * minute, uses: 1 }
    const { fellOut } = await memory().remember(here, [used, noteOf('new', { createdAtMs: 10 * minute })])
    expect(ids(fellOut)).toEqual(['n1'])
    expect((await memory().recall(here)).notes.at(-1)).toEqual(used)
  })

  it('outgrows its capacity under no crowd of writers, and hands each note back to one of them', async () => {
    const here = scope()
    const handed = await Promise.all(
      Array.from({ length: 30 }, (_, at) => memory().remember(here, [noteOf(`n${at}`, { createdAtMs: at * minute })])),
    )
    const { notes } = await memory().recall(here)
    const fellOut = handed.flatMap((result) => ids(result.fellOut))
    expect(notes).toHaveLength(9)
    expect([...ids(notes), ...fellOut].toSorted()).toEqual(Array.from({ length: 30 }, (_, at) => `n${at}`).toSorted())
  })

  it('keeps conversations and workspaces apart, and forgets one alone', async () => {
    const here = scope()
    const others = [scope(), { ...here, workspaceId: randomUUID() }, { ...here, conversationId: randomUUID() }]
    for (const each of [here, ...others])
      await memory().remember(each, [noteOf(each.workspaceId + each.conversationId)])
    await memory().forget(here)
    expect((await memory().recall(here)).notes).toEqual([])
    for (const each of others)
      expect(ids((await memory().recall(each)).notes)).toEqual([each.workspaceId + each.conversationId])
  })

  it('counts from one in each workspace, and from one again when the time is over', async () => {
    const [mine, other] = [randomUUID(), randomUUID()]
    const counts = await Promise.all(Array.from({ length: 5 }, () => memory().count(mine, 'asks', 1)))
    expect(counts.toSorted()).toEqual([1, 2, 3, 4, 5])
    expect(await memory().count(other, 'asks', 60)).toBe(1)
    // Asking on does not prolong what the first began.
    while ((await memory().count(mine, 'asks', 1)) > 1) await sleep(50)
  })

  describe('meters', () => {
    const meter = (more: Partial<Meter> = {}): Meter => ({
      name: 'requests',
      atMost: 3,
      windowSeconds: 3_600,
      atOnce: null,
      ...more,
    })

    it('give as much as they hold, and say when the next is free', async () => {
      const here = randomUUID()
      const begun = Date.now()
      for (const spent of [1, 2, 3]) {
        const { refused, readings } = await memory().take(here, [meter()], randomUUID())
        expect([refused, readings[0]?.spent]).toEqual([undefined, spent])
        expect(readings[0]?.nextFreeAtMs).toBeGreaterThan(begun + 3_600_000 - 1)
        expect(readings[0]?.nextFreeAtMs).toBeLessThan(Date.now() + 3_600_000 + 300_001)
      }
      const { refused, readings } = await memory().take(here, [meter()], randomUUID())
      expect(refused).toEqual({ meter: 0, by: 'window' })
      expect(readings[0]?.spent).toBe(3)
      expect((await memory().take(randomUUID(), [meter()], randomUUID())).refused).toBeUndefined()
      expect((await memory().take(here, [meter({ name: 'others' })], randomUUID())).refused).toBeUndefined()
    })

    it('give back what was taken when the window has passed it', async () => {
      const here = randomUUID()
      const short = meter({ atMost: 1, windowSeconds: 2 })
      await memory().take(here, [short], randomUUID())
      const { refused, readings } = await memory().take(here, [short], randomUUID())
      expect(refused).toEqual({ meter: 0, by: 'window' })
      await sleep(readings[0]!.nextFreeAtMs - Date.now() + 5)
      expect((await memory().take(here, [short], randomUUID())).refused).toBeUndefined()
    })

    it('never give more, however many ask at once', async () => {
      const here = randomUUID()
      const both = [meter({ atMost: 20 }), meter({ name: 'workspace', atMost: 1_000 })]
      const taken = await Promise.all(Array.from({ length: 50 }, () => memory().take(here, both, randomUUID())))
      expect(taken.filter(({ refused }) => refused === undefined)).toHaveLength(20)
      const { readings } = await memory().take(here, [meter({ name: 'workspace', atMost: 1_000 })], randomUUID())
      expect(readings[0]?.spent).toBe(21)
    })

    it('let so many be under way together, until they are released', async () => {
      const here = randomUUID()
      const two = meter({ atMost: 100, atOnce: 2 })
      const [first, second] = [randomUUID(), randomUUID()]
      await memory().take(here, [two], first)
      expect((await memory().take(here, [two], second)).readings[0]).toMatchObject({ spent: 2, underWay: 2 })
      const { refused, readings } = await memory().take(here, [two], randomUUID())
      expect([refused, readings[0]?.spent]).toEqual([{ meter: 0, by: 'at-once' }, 2])
      await memory().hold(here, ['requests'], first)
      await memory().release(here, ['requests'], first)
      await memory().release(here, ['requests'], first)
      expect((await memory().take(here, [two], randomUUID())).refused).toBeUndefined()
      expect((await memory().take(here, [two], randomUUID())).refused).toEqual({ meter: 0, by: 'at-once' })
    })

    it('take nothing from the others when one of them has nothing left', async () => {
      const here = randomUUID()
      const [full, other] = [meter({ atMost: 1 }), meter({ name: 'other', atOnce: 5 })]
      await memory().take(here, [full], randomUUID())
      const { refused, readings } = await memory().take(here, [other, full], randomUUID())
      expect(refused).toEqual({ meter: 1, by: 'window' })
      expect(readings.map(({ spent, underWay }) => [spent, underWay])).toEqual([
        [0, 0],
        [1, 0],
      ])
    })
  })

  it('keeps a value as long as it was told to, for its workspace alone', async () => {
    const [mine, other] = [randomUUID(), randomUUID()]
    await memory().cache(mine, 'short', 'soon gone', 1)
    await memory().cache(mine, 'long', '{"a":[1,"é\\n"]}', 60)
    expect(await memory().cached(mine, 'short')).toBe('soon gone')
    expect(await memory().cached(other, 'long')).toBeUndefined()
    expect(await memory().cached(mine, 'never')).toBeUndefined()
    await sleep(1_100)
    expect(await memory().cached(mine, 'short')).toBeUndefined()
    expect(await memory().cached(mine, 'long')).toBe('{"a":[1,"é\\n"]}')
  })

  it('tells those that listen on the channel of this workspace, until they leave', async () => {
    const [mine, other] = [randomUUID(), randomUUID()]
    const heard: string[] = []
    const leave = await memory().subscribe(mine, 'news', (message) => heard.push(`a ${message}`))
    const leaveToo = await memory().subscribe(mine, 'news', (message) => heard.push(`b ${message}`))
    await memory().publish(other, 'news', 'not for us')
    await memory().publish(mine, 'olds', 'nor this')
    await memory().publish(mine, 'news', 'first, with a comma')
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(['a first, with a comma', 'b first, with a comma']))
    await leaveToo()
    await memory().publish(mine, 'news', 'second')
    await vi.waitFor(() => expect(heard).toContain('a second'))
    await leave()
    await memory().publish(mine, 'news', 'third')
    await sleep(50)
    expect(heard).toHaveLength(3)
  })

  it('says that it works', async () => {
    await memory().check()
  })
}
