import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { as, createPeople, startBackend, type BenchBackend, type Person } from './backend.ts'
import { ask, send, timeToFirst, type Target } from './client.ts'
import { atMost, percentile, type Bench, type Figure, type Row } from './row.ts'
import { startServer, temporaryFolder } from './surroundings.ts'

const watched = 20
const neighbours = 20
const questions = 5
/** Whether or not the last answer has come, so that both kinds of turn bear the same load. */
const askEveryMs = 1_000
/** Each the name of a model that fails in this way; a few seconds is what those that hang are given. */
const faults = ['rate-limited', 'error-500', 'html', 'invalid-json', 'half-cut', 'drip', 'hang', 'half-hang']
const timeoutSeconds = 3

export const neighbourFaults: Row = {
  name: 'neighbours',
  title: 'Chats beside a provider that fails',
  method: `${watched} chats ask a model that works, beside ${neighbours} people who ask another provider once a second whatever comes of it; in turns that provider works and fails (${faults.join(', ')}). The ratio is of the watched chats’ times in the failing turns to those in the working turns.`,
  async run(bench) {
    const folder = temporaryFolder()
    const script = join(folder.path, 'script.json')
    writeFileSync(script, JSON.stringify({ deltas: Array.from({ length: 40 }, (_, at) => `word${at} `), delayMs: 10 }))
    const provider = await startServer(new URL('../model-server-main.ts', import.meta.url))
    const backend = await startBackend(bench, {
      NITRO_SCRIPTED_MODEL: script,
      OPENAI_COMPATIBLE_BASE_URL: provider.url,
      OPENAI_COMPATIBLE_MODEL: 'healthy',
      NITRO_MODEL_TIMEOUT_SECONDS: String(timeoutSeconds),
      NITRO_FALLBACK: 'never',
    })
    try {
      return figures(await measure(backend, bench))
    } finally {
      await backend.close()
      await provider.close()
      folder.remove()
    }
  },
}

interface Times {
  first: number[]
  whole: number[]
  neighbourAnswers: number
}
type Measured = Record<'working' | 'failing', Times>

async function measure(backend: BenchBackend, { isQuick, say }: Bench): Promise<Measured> {
  const people = await createPeople(backend, (watched + neighbours) / 5)
  const none = (): Times => ({ first: [], whole: [], neighbourAnswers: 0 })
  const measured: Measured = { working: none(), failing: none() }
  const turns = isQuick ? 1 : 6
  for (let turn = -1; turn < turns; turn++) {
    for (const kind of ['working', 'failing'] as const) {
      const times = await oneTurn(backend, people, kind)
      // The first turn warms up.
      if (turn < 0) continue
      measured[kind].first.push(...times.first)
      measured[kind].whole.push(...times.whole)
      measured[kind].neighbourAnswers += times.neighbourAnswers
    }
    say(`turn ${turn + 1} of ${turns}`)
  }
  return measured
}

async function oneTurn(backend: BenchBackend, people: readonly Person[], kind: keyof Measured): Promise<Times> {
  const times: Times = { first: [], whole: [], neighbourAnswers: 0 }
  let isOver = false
  const neighbour = async (index: number) => {
    const target = as(people[index % people.length]!, backend)
    const asked: Promise<void>[] = []
    await sleep((index / neighbours) * askEveryMs)
    for (let turn = index; !isOver; turn++) {
      const model = kind === 'working' ? 'healthy' : faults[turn % faults.length]!
      asked.push(newChat(target).then((path) => say(target, path, `compatible/${model}`)))
      await sleep(askEveryMs)
    }
    await Promise.all(asked)
    times.neighbourAnswers += asked.length
  }
  const watch = async (index: number) => {
    const target = as(people[index % people.length]!, backend)
    const path = await newChat(target)
    for (let question = 0; question < questions; question++) {
      const sentAt = performance.now()
      const body = { text: 'Count', options: { model: 'scripted/default' } }
      times.first.push(await timeToFirst(target, path, body, '"type":"text-delta"'))
      times.whole.push(performance.now() - sentAt)
    }
  }
  const around = Array.from({ length: neighbours }, (_, index) => neighbour(index))
  await Promise.all(Array.from({ length: watched }, (_, index) => watch(index)))
  isOver = true
  await Promise.all(around)
  return times
}

async function newChat(target: Target): Promise<string> {
  const { id } = await ask<{ id: string }>(target, 'POST', '/api/v1/conversations', {})
  return `/api/v1/conversations/${id}/messages`
}

/** To its end, whatever that is. */
async function say(target: Target, path: string, model: string): Promise<void> {
  const reply = await send(target, {
    method: 'POST',
    path,
    body: JSON.stringify({ text: 'Count', options: { model } }),
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
  })
  if (reply.status !== 200) throw new Error(`A neighbour was answered ${reply.status}: ${reply.text}`)
}

function figures({ working, failing }: Measured): Figure[] {
  const compare = (what: string, which: 'first' | 'whole'): Figure => {
    const [good, bad] = [percentile(working[which], 0.95), percentile(failing[which], 0.95)]
    return {
      what,
      aim: atMost(1.1, 'times'),
      measured: bad / good,
      unit: 'times',
      remark: `${bad.toFixed(0)} ms beside failing, ${good.toFixed(0)} ms beside working; ${failing.neighbourAnswers} and ${working.neighbourAnswers} answers of the neighbours`,
    }
  }
  return [compare('First token, p95', 'first'), compare('Whole answer, p95', 'whole')]
}
