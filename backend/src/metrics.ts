import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** What Prometheus reads from `/metrics`. One registry a backend, so that two in one process keep apart. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'nitro_http_request_seconds',
    help: 'Time until the answer began, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const runs = new Counter({
    name: 'nitro_runs_total',
    help: 'Runs that came to an end, by how',
    labelNames: ['status'],
    registers,
  })
  const streams = new Gauge({
    name: 'nitro_live_streams',
    help: 'Readers that are connected now, by door',
    labelNames: ['door'],
    registers,
  })

  return {
    requestEnded({
      method,
      route,
      status,
      seconds,
    }: {
      method: string
      route: string
      status: number
      seconds: number
    }) {
      requests.observe({ method, route, status }, seconds)
    },
    runEnded: (status: string) => runs.inc({ status }),
    /** Call what comes back when the reader is gone. */
    streamOpened(door: 'sse' | 'websocket'): () => void {
      streams.inc({ door })
      let open = true
      return () => {
        if (open) streams.dec({ door })
        open = false
      }
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
