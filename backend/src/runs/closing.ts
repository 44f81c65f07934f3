import type { NitroChunk, NitroPart, NoticeData, RunData, RunStatus, StepData, Strategy } from '@nitroagi/shared/runs'
import type { NitroError } from '@nitroagi/shared/errors'

/** How a run ended, said once for every way it can end. */
export interface Ending {
  status: RunStatus
  error: NitroError | null
}

const words: Partial<Record<RunStatus, NoticeData>> = {
  stopped: { level: 'info', code: 'stopped', message: 'You stopped this answer.' },
  interrupted: {
    level: 'warning',
    code: 'run_interrupted',
    message: 'This answer was cut off when the server stopped. What it had written is kept; you can continue it.',
  },
}

/** The last chunks of a run's log: what went wrong in words, the run's account, and the one terminal chunk. */
export function closingChunks({ status, error }: Ending, data: RunData): NitroChunk[] {
  const notice: NoticeData | undefined = error
    ? {
        level: 'error',
        code: error.code,
        message: error.message,
        ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
      }
    : words[status]
  return [
    ...(notice ? [{ type: 'data-notice' as const, id: 'end', data: notice }] : []),
    { type: 'data-run', id: data.runId, data: { ...data, status } },
    terminal({ status, error }),
  ]
}

function terminal({ status, error }: Ending): NitroChunk {
  if (error) return { type: 'error', errorText: error.message }
  return status === 'completed' ? { type: 'finish' } : { type: 'abort' }
}

export const stepsIn = (parts: readonly NitroPart[]): StepData[] =>
  parts.flatMap((part) => (part.type === 'data-step' ? [part.data] : []))

export const strategyIn = (parts: readonly NitroPart[]): Strategy =>
  parts.find((part) => part.type === 'data-plan')?.data.strategy ?? 'auto'

/** Steps that were at work when the run ended. Nobody waits for them, so they cannot say it themselves. */
export const unfinishedSteps = (parts: readonly NitroPart[]): NitroChunk[] =>
  stepsIn(parts)
    .filter(({ status }) => status === 'running' || status === 'pending')
    .map((step) => ({ type: 'data-step', id: step.id, data: { ...step, status: 'stopped' } }))
