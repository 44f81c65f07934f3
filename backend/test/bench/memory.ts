import { setTimeout as sleep } from 'node:timers/promises'
import { startBackend } from './backend.ts'
import { proportionalMb, residentMb } from './process-figures.ts'
import { notStartable, startProduct } from './product.ts'
import { atMost, notMeasured, type Bench, type Figure, type Row } from './row.ts'
import { temporaryFolder } from './surroundings.ts'

const embedded = { what: 'Embedded: backend and web app', aim: atMost(700, 'MB') }
const alone = { what: 'Backend alone, on real Postgres', aim: atMost(180, 'MB') }

export const memory: Row = {
  name: 'memory',
  title: 'Idle memory',
  method:
    '30 s after the start with the first page served. Embedded: PSS of both process trees. Backend alone: RSS of its process.',
  run: async (bench) => [...(await measureEmbedded(bench)), await measureAlone(bench)],
}

async function measureEmbedded({ isQuick }: Bench): Promise<Figure[]> {
  const reason = notStartable()
  if (reason) return [notMeasured(embedded.what, embedded.aim, reason)]
  const folder = temporaryFolder()
  try {
    const product = await startProduct(folder.path)
    await sleep(isQuick ? 3_000 : 30_000)
    const { backend, web, launcher } = product.processes()
    const [backendMb, webMb, launcherMb] = [backend, web, launcher].map(proportionalMb) as [number, number, number]
    const remark = `backend ${backendMb.toFixed(0)}, web app ${webMb.toFixed(0)}`
    await product.stop()
    return [
      { ...embedded, measured: backendMb + webMb, unit: 'MB', remark },
      {
        what: '`npm start` itself, while it waits: npm, its shell and the launcher',
        aim: null,
        measured: launcherMb,
        unit: 'MB',
      },
    ]
  } finally {
    folder.remove()
  }
}

async function measureAlone(bench: Bench): Promise<Figure> {
  if (!bench.postgres) return notMeasured(alone.what, alone.aim, 'not measured: TEST_DATABASE_URL is not set')
  const backend = await startBackend(bench)
  try {
    await sleep(bench.isQuick ? 3_000 : 30_000)
    const remark = `PSS ${proportionalMb([backend.pid]).toFixed(0)}`
    return { ...alone, measured: residentMb(backend.pid), unit: 'MB', remark }
  } finally {
    await backend.close()
  }
}
