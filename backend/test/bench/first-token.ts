import { as, createPeople, profiling, type Person } from './backend.ts'
import { ask, timeToFirst, type Target } from './client.ts'
import { cpuSeconds } from './process-figures.ts'
import { notStartable, startProduct } from './product.ts'
import { atMost, notMeasured, percentile, type Bench, type Figure, type Row } from './row.ts'
import { createDatabase, startServer, temporaryFolder } from './surroundings.ts'
import { signIn } from './web-session.ts'

const rest = 'to the first text, p50'
const aims = {
  backend: { p50: atMost(12, 'ms'), p95: atMost(25, 'ms') },
  proxy: { p50: atMost(16, 'ms'), p95: atMost(35, 'ms') },
}
const textDelta = '"type":"text-delta"'

export const firstToken: Row = {
  name: 'first-token',
  title: 'Overhead before the first token',
  method:
    'From the request sent to the first text received, the time of a model server on loopback that answers at once included; one after the other over kept connections, each in a new conversation, in turns of 20 with the bare servers.',
  async run(bench) {
    const reason = notStartable()
    if (reason) return [notMeasured(`Backend with an API key, ${rest}`, aims.backend.p50, reason)]
    const folder = temporaryFolder()
    const database = bench.postgres ? await createDatabase(bench.postgres) : undefined
    const model = await startServer(new URL('./model-server.ts', import.meta.url))
    const bare = await startServer(new URL('./bare-app.ts', import.meta.url), { MODEL_URL: `${model.url}/v1` })
    const product = await startProduct(folder.path, {
      // For the scripts that npm runs; its own Node may be older and know no profiles.
      ...(bench.profileDir && { npm_config_node_options: profiling(bench.profileDir) }),
      ...(database && { DATABASE_URL: database.url }),
      OPENAI_COMPATIBLE_BASE_URL: `${model.url}/v1`,
      OPENAI_COMPATIBLE_MODEL: 'bench',
    })
    try {
      const [person] = (await createPeople(product.operator, 1)) as [Person]
      const web = await signIn(product.webUrl, person)
      const backend = as(person, product.operator)
      const processes = product.processes()
      const samples = await sample(waysOf({ model: model.url, bare: bare.url, backend, web }), bench, {
        model: [model.pid],
        bare: [bare.pid],
        backend: processes.backend,
        proxy: [...processes.backend, ...processes.web],
      })
      return figures(samples, database ? 'Postgres' : 'PGlite, because TEST_DATABASE_URL is not set')
    } finally {
      await product.stop()
      await Promise.all([model.close(), bare.close()])
      await database?.drop()
      folder.remove()
    }
  },
}

type Way = 'model' | 'bare' | 'backend' | 'proxy'
type Ways = Record<Way, () => Promise<number>>

interface Sampled {
  milliseconds: number[]
  /** What the server's processes used for all of these samples. */
  cpuSeconds: number
}

function waysOf({ model, bare, backend, web }: { model: string; bare: string; backend: Target; web: Target }): Ways {
  const text = 'Say something'
  const conversation = async () => (await ask<{ id: string }>(backend, 'POST', '/api/v1/conversations', {})).id
  const chat = { model: 'bench', stream: true, messages: [{ role: 'user', content: text }] }
  return {
    model: () => timeToFirst({ url: model, headers: {} }, '/v1/chat/completions', chat, '"content":'),
    bare: () => timeToFirst({ url: bare, headers: {} }, '/messages', { text }, textDelta),
    backend: async () =>
      timeToFirst(backend, `/api/v1/conversations/${await conversation()}/messages`, { text }, textDelta),
    proxy: async () =>
      timeToFirst(web, `/api/backend/conversations/${await conversation()}/messages`, { text }, textDelta),
  }
}

/** Turns about, so that a disturbance of the machine meets all of them alike. */
async function sample(
  ways: Ways,
  { isQuick, say }: Bench,
  processes: Record<Way, number[]>,
): Promise<Record<Way, Sampled>> {
  const [warmUpTurns, turns, turn] = isQuick ? [1, 1, 20] : [5, 15, 20]
  const none = (): Sampled => ({ milliseconds: [], cpuSeconds: 0 })
  const sampled = { model: none(), bare: none(), backend: none(), proxy: none() }
  for (let done = 0; done < warmUpTurns + turns; done++) {
    if (done === warmUpTurns) say('warmed up')
    for (const way of Object.keys(ways) as Way[]) {
      const cpuBefore = cpuOf(processes[way])
      const milliseconds: number[] = []
      for (let index = 0; index < turn; index++) milliseconds.push(await ways[way]())
      if (done < warmUpTurns) continue
      sampled[way].milliseconds.push(...milliseconds)
      sampled[way].cpuSeconds += cpuOf(processes[way]) - cpuBefore
    }
  }
  return sampled
}

const cpuOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)

function figures(sampled: Record<Way, Sampled>, database: string): Figure[] {
  const p50 = (way: Way) => percentile(sampled[way].milliseconds, 0.5)
  const cpu = (way: Way) => ((sampled[way].cpuSeconds / sampled[way].milliseconds.length) * 1000).toFixed(1)
  const both = (what: string, way: Way, remark: string): Figure[] => {
    const own = way === 'backend' || way === 'proxy' ? aims[way] : { p50: null, p95: null }
    const { milliseconds } = sampled[way]
    return [
      {
        what: `${what}, p50`,
        aim: own.p50,
        measured: p50(way),
        unit: 'ms',
        remark: `${remark}; ${milliseconds.length} samples, ${cpu(way)} ms of CPU each`,
      },
      { what: `${what}, p95`, aim: own.p95, measured: percentile(milliseconds, 0.95), unit: 'ms' },
    ]
  }
  const times = (way: Way) => `${(p50(way) / p50('bare')).toFixed(1)} × bare, on ${database}`
  return [
    ...both('Backend with an API key', 'backend', times('backend')),
    ...both('Through the signed-in proxy', 'proxy', times('proxy')),
    ...both('Beside it: bare Hono with the AI SDK', 'bare', 'nothing kept, nobody asked who it is'),
    ...both('Beside it: the model server alone', 'model', 'contained in all of the above'),
  ]
}
