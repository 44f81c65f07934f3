import { setTimeout as sleep } from 'node:timers/promises'
import { as, createPeople, startBackend } from './backend.ts'
import { ask, send, type Target } from './client.ts'
import { atMost, percentile, type Figure, type Row } from './row.ts'

const users = 200
const usersPerPerson = 5
const pauseMs = 1_000

export const api: Row = {
  name: 'api',
  title: 'API without model time',
  method: `${users} users of ${users / usersPerPerson} accounts, each asking for something, reading it and pausing ${pauseMs / 1000} s: the account, the list of conversations, one conversation, the system, a new conversation, a new title.`,
  async run(bench) {
    const backend = await startBackend(bench)
    try {
      bench.say('making accounts')
      const people = await createPeople(backend, bench.isQuick ? 8 : users / usersPerPerson)
      const targets = people.flatMap((person) => Array.from({ length: usersPerPerson }, () => as(person, backend)))
      bench.say(`${targets.length} users`)
      const seconds = bench.isQuick ? 3 : 15
      await useFor(2, targets)
      return figures(await useFor(seconds, targets), seconds, backend.database)
    } finally {
      await backend.close()
    }
  },
}

interface Outcome {
  milliseconds: number
  status: number
}

async function useFor(seconds: number, targets: readonly Target[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const until = performance.now() + seconds * 1000
  await Promise.all(
    targets.map(async (target, index) => {
      const { id } = await ask<{ id: string }>(target, 'POST', '/api/v1/conversations', {})
      const requests = requestsOf(id)
      await sleep((index / targets.length) * pauseMs)
      for (let turn = index; performance.now() < until; turn++) {
        const begun = performance.now()
        const { status } = await send(target, requests[turn % requests.length]!)
        outcomes.push({ milliseconds: performance.now() - begun, status })
        await sleep(pauseMs)
      }
    }),
  )
  return outcomes
}

function requestsOf(id: string) {
  const read = (path: string) => ({ method: 'GET', path: `/api/v1/${path}` })
  const write = (method: string, path: string, body: object) => ({
    ...read(path),
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  return [
    read('me'),
    read('conversations'),
    read(`conversations/${id}`),
    read('system'),
    write('POST', 'conversations', {}),
    write('PATCH', `conversations/${id}`, { title: 'Another title' }),
  ]
}

function figures(outcomes: readonly Outcome[], seconds: number, database: string): Figure[] {
  const milliseconds = outcomes.map((outcome) => outcome.milliseconds)
  const failed = outcomes.filter(({ status }) => status >= 400)
  const statuses = [...new Set(failed.map(({ status }) => status))].join(', ')
  return [
    {
      what: 'Answer, p95',
      aim: atMost(100, 'ms'),
      measured: percentile(milliseconds, 0.95),
      unit: 'ms',
      remark: `${outcomes.length} requests, ${(outcomes.length / seconds).toFixed(0)} a second; on ${database}`,
    },
    { what: 'Answer, p50', aim: null, measured: percentile(milliseconds, 0.5), unit: 'ms' },
    {
      what: 'Errors',
      aim: atMost(0, ''),
      measured: failed.length,
      unit: '',
      ...(statuses && { remark: `status ${statuses}` }),
    },
  ]
}
