import type { NitroChunk, StepData } from '@nitroagi/shared/runs'
import { NitroError } from '@nitroagi/shared/errors'
import type { Finding } from '../modules/module.ts'

/** One step's account of itself: made from what was measured while it ran, and nothing else. */
export function createStepTrace({ id, module, reason }: Pick<StepData, 'id' | 'module' | 'reason'>) {
  let startedAt = 0
  let data: StepData = {
    id,
    module,
    reason,
    status: 'pending',
    startedAt: null,
    durationMs: null,
    model: null,
    usage: null,
    confidence: null,
    confidenceBasis: null,
    summary: null,
    error: null,
  }
  const chunk = (change: Partial<StepData>): NitroChunk => {
    data = { ...data, ...change }
    return { type: 'data-step', id, data }
  }
  const elapsed = () => Math.round((performance.now() - startedAt) * 10) / 10

  return {
    get data() {
      return data
    },
    start(): NitroChunk {
      startedAt = performance.now()
      return chunk({ status: 'running', startedAt: new Date().toISOString() })
    },
    report({ model, usage, confidence, confidenceBasis, summary }: Omit<Report, 'type'>): void {
      data = {
        ...data,
        ...(model === undefined ? {} : { model }),
        ...(usage === undefined ? {} : { usage }),
        ...(confidence === undefined ? {} : { confidence, confidenceBasis: confidenceBasis ?? null }),
        ...(summary === undefined ? {} : { summary }),
      }
    },
    complete: (): NitroChunk => chunk({ status: 'completed', durationMs: elapsed() }),
    stop: (): NitroChunk => chunk({ status: 'stopped', durationMs: elapsed() }),
    /** Never begun; the trace says why. */
    skip: (why: string): NitroChunk => chunk({ status: 'skipped', summary: why }),
    fail(error: unknown): NitroChunk {
      const known =
        error instanceof NitroError ? error : new NitroError('internal', 'This step failed. The log has the details.')
      return chunk({ status: 'failed', durationMs: elapsed(), error: { code: known.code, message: known.message } })
    },
  }
}

type Report = Extract<Finding, { type: 'report' }>
