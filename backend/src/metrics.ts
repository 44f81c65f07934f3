import type { ProviderState } from '@nitroagi/shared/modules'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** What Prometheus reads from `/metrics`. One registry a backend, so that two in one process keep apart. */
export function createMetrics({ modelProviders = () => [] }: { modelProviders?: () => ProviderState[] } = {}) {
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
  // Read when somebody looks, from what the providers' lines count anyway.
  new Gauge({
    name: 'nitro_model_provider_up',
    help: 'Whether a model provider is asked at the moment',
    labelNames: ['provider'],
    registers,
    collect() {
      for (const { provider, status } of modelProviders()) this.set({ provider }, status === 'ok' ? 1 : 0)
    },
  })
  new Gauge({
    name: 'nitro_model_calls_active',
    help: 'Calls at a model provider, and those that wait for a place',
    labelNames: ['provider', 'place'],
    registers,
    collect() {
      for (const { provider, active, waiting } of modelProviders()) {
        this.set({ provider, place: 'inside' }, active)
        this.set({ provider, place: 'queue' }, waiting)
      }
    },
  })
  new Counter({
    name: 'nitro_model_calls_total',
    help: 'Calls of model providers since the start, by how they began',
    labelNames: ['provider', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { provider, totals } of modelProviders()) {
        for (const [outcome, count] of Object.entries(totals)) this.inc({ provider, outcome }, count)
      }
    },
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
