import { afterEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '@nitroagi/shared/runs'
import { backoffMs } from './backoff.ts'
import { readRunEvents, type ReadOptions } from './read-events.ts'
import { answerEvents, startRunServer, type Cut } from './run-server.fixture.ts'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
})

async function serve(events: RunEvent[], cutFor: (connection: number) => Cut) {
  const server = await startRunServer(events, cutFor)
  opened.push(server)
  return server
}

async function readAll(runId: string, options: ReadOptions): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of readRunEvents(runId, options)) events.push(event)
  return events
}

/** The same numbers on every run, so that a failure can be seen again. */
function createRandom(seed: number) {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

describe('an answer that is read over a line that breaks', () => {
  it.each([1, 2, 3])('arrives whole and in order wherever the line is cut (seed %i)', async (seed) => {
    const events = answerEvents(40)
    const random = createRandom(seed)
    const { runId, base, cursors } = await serve(events, (connection) =>
      connection < 4 ? { afterBytes: Math.floor(random() * 900) } : 'none',
    )
    expect(await readAll(runId, { base })).toEqual(events)
    expect(cursors).toHaveLength(5)
    expect(cursors).toEqual(cursors.toSorted((one, other) => one - other))
  })

  it('goes on from where it was, and does not show again what the server repeats', async () => {
    const events = answerEvents(5)
    const repeated = [...events.slice(0, 4), ...events.slice(1)]
    const { runId, base } = await serve(repeated, () => 'none')
    expect(await readAll(runId, { base })).toEqual(events)
    expect(await readAll(runId, { base, after: 6 })).toEqual(events.slice(6))
  })

  it('tells that the line is lost and that it is back', async () => {
    const seen: string[] = []
    const { runId, base } = await serve(answerEvents(3), (connection) =>
      connection === 0 ? { afterBytes: 60 } : 'none',
    )
    await readAll(runId, { base, onConnection: (connection) => seen.push(connection) })
    expect(seen).toEqual(['open', 'lost', 'open'])
  })

  it('waits for a server that is being restarted', async () => {
    const events = answerEvents(3)
    const { runId, base, cursors } = await serve(events, (connection) =>
      connection < 2 ? { status: 503, code: 'unavailable' } : 'none',
    )
    expect(await readAll(runId, { base })).toEqual(events)
    expect(cursors).toEqual([0, 0, 0])
  })
})

describe('an answer that cannot be read', () => {
  it.each([
    [401, 'unauthenticated'],
    [404, 'not_found'],
    [410, 'gone'],
  ])('is not asked for again after a %i', async (status, code) => {
    const { runId, base, cursors } = await serve([], () => ({ status, code }))
    await expect(readAll(runId, { base })).rejects.toMatchObject({ name: 'NitroError', code })
    expect(cursors).toHaveLength(1)
  })

  it('ends quietly when the reader leaves', async () => {
    const leave = new AbortController()
    const { runId, base } = await serve(answerEvents(3), () => ({ afterBytes: 40 }))
    const reading = readAll(runId, {
      base,
      signal: leave.signal,
      onConnection: (connection) => connection === 'lost' && leave.abort(),
    })
    expect(await reading).toEqual([])
  })
})

it('waits a quarter of a second at first and never longer than eight', () => {
  expect(backoffMs(0, () => 1)).toBe(250)
  expect(backoffMs(0, () => 0)).toBe(125)
  expect(backoffMs(3, () => 1)).toBe(2_000)
  expect(backoffMs(50, () => 1)).toBe(8_000)
})
