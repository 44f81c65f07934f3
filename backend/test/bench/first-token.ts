import { as, createPeople, profiled, type Person } from './backend.ts'
import { ask, timeToFirst, type Target } from './client.ts'
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
      ...profiled(bench),
      ...(database && { DATABASE_URL: database.url }),
      OPENAI_COMPATIBLE_BASE_URL: `${model.url}/v1`,
      OPENAI_COMPATIBLE_MODEL: 'bench',
    })
    try {
      const [person] = (await createPeople(product.operator, 1)) as [Person]
      const web = await signIn(product.webUrl, person)
      const ways = waysOf({ model: model.url, bare: bare.url, backend: as(person, product.operator), web })
      const samples = await sample(ways, bench)
      return figures(samples, database ? 'Postgres' : 'PGlite, because TEST_DATABASE_URL is not set')
    } finally {
      await product.stop()
      await Promise.all([model.close(), bare.close()])
      await database?.drop()
      folder.remove()
    }
  },
}

type Ways = Record<'model' | 'bare' | 'backend' | 'proxy', () => Promise<number>>
type Samples = Record<keyof Ways, number[]>

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
async function sample(ways: Ways, { isQuick, say }: Bench): Promise<Samples> {
  const [warmUpTurns, turns, turn] = isQuick ? [1, 1, 20] : [5, 15, 20]
  const samples: Samples = { model: [], bare: [], backend: [], proxy: [] }
  for (let done = 0; done < warmUpTurns + turns; done++) {
    if (done === warmUpTurns) say('warmed up')
    for (const way of Object.keys(ways) as (keyof Ways)[]) {
      for (let index = 0; index < turn; index++) {
        const milliseconds = await ways[way]()
        if (done >= warmUpTurns) samples[way].push(milliseconds)
      }
    }
  }
  return samples
}

function figures(samples: Samples, database: string): Figure[] {
  const count = `${samples.backend.length} samples`
  const bareP50 = percentile(samples.bare, 0.5)
  const times = (milliseconds: number) => `${(milliseconds / bareP50).toFixed(1)} × bare`
  const of = (what: string, way: keyof Ways, share: 'p50' | 'p95', remark: string): Figure => {
    const measured = percentile(samples[way], share === 'p50' ? 0.5 : 0.95)
    const aim = way === 'backend' || way === 'proxy' ? aims[way][share] : null
    const notes = [aim && share === 'p50' ? times(measured) : '', remark].filter(Boolean)
    return { what: `${what}, ${share}`, aim, measured, unit: 'ms', remark: notes.join('; ') }
  }
  return [
    of('Backend with an API key', 'backend', 'p50', `on ${database}; ${count}`),
    of('Backend with an API key', 'backend', 'p95', ''),
    of('Through the signed-in proxy', 'proxy', 'p50', `on ${database}; ${count}`),
    of('Through the signed-in proxy', 'proxy', 'p95', ''),
    of('Beside it: bare Hono with the AI SDK', 'bare', 'p50', 'nothing kept, nobody asked who it is'),
    of('Beside it: bare Hono with the AI SDK', 'bare', 'p95', ''),
    of('Beside it: the model server alone', 'model', 'p50', 'contained in all of the above'),
    of('Beside it: the model server alone', 'model', 'p95', ''),
  ]
}
