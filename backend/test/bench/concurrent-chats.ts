import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { as, createPeople, startBackend, type BenchBackend } from './backend.ts'
import { ask, send, type Target } from './client.ts'
import { cpuSeconds } from './process-figures.ts'
import { atLeast, atMost, percentile, type Bench, type Figure, type Row } from './row.ts'
import { temporaryFolder } from './surroundings.ts'

const chats = 200
const chatsPerPerson = 5
const tokensPerSecond = 20
const offered = chats * tokensPerSecond
/** Chats begin one after the other over this time; nobody has 200 users who press Enter in the same instant. */
const rampMs = 5_000

export const concurrentChats: Row = {
  name: 'chats',
  title: '200 concurrent chats',
  method: `${chats} chats of ${chats / chatsPerPerson} people, begun over ${rampMs / 1000} s, each asking twice; the scripted model answers each with 300 tokens at ${tokensPerSecond} a second, ${offered} together. Rate: received while all 200 write their first answer. CPU: the whole backend process, the scripted model included; the client is another process.`,
  async run(bench) {
    const folder = temporaryFolder()
    const script = join(folder.path, 'script.json')
    const words = Array.from({ length: bench.isQuick ? 150 : 300 }, (_, index) => `word${index} `)
    // A pause lasts one to two milliseconds longer than what is asked of Node’s timers.
    writeFileSync(script, JSON.stringify({ deltas: words, delayMs: 1000 / tokensPerSecond - 2 }))
    const backend = await startBackend(bench, { NITRO_SCRIPTED_MODEL: script })
    try {
      const askers = await prepareChats(backend, bench)
      return figures(await measure(backend, askers, words), askers.length, words.length, backend.database)
    } finally {
      await backend.close()
      folder.remove()
    }
  },
}

interface Asker {
  target: Target
  path: string
}

async function prepareChats(backend: BenchBackend, { say }: Bench): Promise<Asker[]> {
  say('making accounts')
  const people = await createPeople(backend, chats / chatsPerPerson)
  const askers = people.flatMap((person) =>
    Array.from({ length: chatsPerPerson }, async () => {
      const target = as(person, backend)
      const { id } = await ask<{ id: string }>(target, 'POST', '/api/v1/conversations', {})
      return { target, path: `/api/v1/conversations/${id}/messages` }
    }),
  )
  const ready = await Promise.all(askers)
  say(`${ready.length} chats`)
  return ready
}

interface Received {
  tokens: number
  /** Answers that came whole: every token once, in order, and the end. */
  whole: number
  firstMs: number[]
  rate: number
  cpu: number
}

async function measure(backend: BenchBackend, askers: readonly Asker[], words: readonly string[]): Promise<Received> {
  const arrivals: { at: number; tokens: number }[] = []
  const firstMs: number[] = []
  let whole = 0
  let lastBegan = 0
  let firstEnded = Infinity
  const cpuBefore = cpuSeconds(backend.pid)
  await Promise.all(
    askers.map(async (asker, index) => {
      await sleep((index / askers.length) * rampMs)
      lastBegan = Math.max(lastBegan, performance.now())
      for (let question = 0; question < 2; question++) {
        const { firstAfterMs, text } = await listen(asker, (tokens) => arrivals.push({ at: performance.now(), tokens }))
        if (firstAfterMs !== undefined) firstMs.push(firstAfterMs)
        if (text === words.join('')) whole++
        firstEnded = Math.min(firstEnded, performance.now())
      }
    }),
  )
  const during = arrivals.filter(({ at }) => at > lastBegan + 500 && at < firstEnded)
  const tokens = sum(arrivals)
  return {
    tokens,
    whole,
    firstMs,
    rate: sum(during) / ((firstEnded - lastBegan - 500) / 1000),
    cpu: ((cpuSeconds(backend.pid) - cpuBefore) / tokens) * 1000,
  }
}

const sum = (arrivals: readonly { tokens: number }[]) => arrivals.reduce((total, { tokens }) => total + tokens, 0)

/** One answer to its end. A token is a word with a space; the backend may join several into one event. */
async function listen({ target, path }: Asker, onTokens: (count: number) => void) {
  const sentAt = performance.now()
  let firstAfterMs: number | undefined
  let text = ''
  let rest = ''
  const reply = await send(target, {
    method: 'POST',
    path,
    body: '{"text":"Count"}',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    onText(piece) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      const said = lines
        .filter((line) => line.startsWith('data: {"type":"text-delta"'))
        .map(deltaOf)
        .join('')
      if (said === '') return
      firstAfterMs ??= performance.now() - sentAt
      text += said
      onTokens(said.split(' ').length - 1)
    },
  })
  if (reply.status !== 200) throw new Error(`A chat was answered ${reply.status}: ${reply.text}`)
  return { firstAfterMs, text: reply.text.includes('data: {"type":"finish"') ? text : '' }
}

const deltaOf = (line: string): string => (JSON.parse(line.slice('data: '.length)) as { delta: string }).delta

function figures(received: Received, chatCount: number, length: number, database: string): Figure[] {
  const { tokens, whole, firstMs, rate, cpu } = received
  const all = chatCount * 2 * length
  return [
    {
      what: 'Tokens delivered of those said',
      aim: atLeast(100, '%'),
      measured: (tokens / all) * 100,
      unit: '%',
      remark: `${tokens} of ${all}; ${whole} of ${chatCount * 2} answers whole and in order; on ${database}`,
    },
    {
      what: `Tokens a second, of ${offered} offered`,
      aim: atLeast(offered, 'a second'),
      measured: rate,
      unit: 'a second',
      remark: `${((rate / offered) * 100).toFixed(1)} %`,
    },
    { what: 'Backend CPU for 1,000 tokens', aim: atMost(0.2, 's'), measured: cpu, unit: 's' },
    { what: 'First token, p95', aim: atMost(300, 'ms'), measured: percentile(firstMs, 0.95), unit: 'ms' },
    { what: 'First token, p50', aim: null, measured: percentile(firstMs, 0.5), unit: 'ms' },
  ]
}
