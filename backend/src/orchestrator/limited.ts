import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { Finding } from '../modules/module.ts'

export interface StepLimits {
  seconds: number
  /** Of everything that the step yields. */
  characters: number
}

/**
 * Runs a module within limits, whatever it does: one that hangs or never ends is given up at its deadline, and one that
 * says too much is cut. What was yielded until then stays.
 */
export async function* limited(
  call: Call,
  run: (call: Call) => AsyncIterable<Finding>,
  { seconds, characters }: StepLimits,
): AsyncGenerator<Finding> {
  const ending = new AbortController()
  // One rejection for all waits: a race per finding would leave a listener per finding behind.
  let giveUp: (reason: unknown) => void = () => {}
  const end = (reason: unknown) => {
    ending.abort(reason)
    giveUp(reason)
  }
  const late = new NitroError('step_failed', `This step did not end within ${Math.round(seconds * 10) / 10} s.`)
  const timer = setTimeout(end, seconds * 1000, late)
  const forward = () => end(call.signal.reason)
  call.signal.addEventListener('abort', forward, { once: true })
  if (call.signal.aborted) forward()

  const findings = run({ ...call, signal: ending.signal })[Symbol.asyncIterator]()
  let isOver = false
  let room = characters
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Finding, unknown>>((resolve, reject) => {
        giveUp = reject
        if (ending.signal.aborted) reject(ending.signal.reason)
        findings.next().then(resolve, reject)
      })
      if (next.done) {
        isOver = true
        // A module that heeds its signal ends quietly; its work is cut all the same.
        if (ending.signal.aborted) throw ending.signal.reason
        return
      }
      const size = sizeOf(next.value)
      if (size > room) {
        if (next.value.type === 'text-delta') yield { type: 'text-delta', delta: next.value.delta.slice(0, room) }
        throw new NitroError(
          'step_failed',
          `This step said more than the ${characters.toLocaleString('en')} characters that it may, so it was ended.`,
        )
      }
      room -= size
      yield next.value
    }
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', forward)
    if (!isOver) {
      ending.abort()
      // Waiting for a module that hangs would hang too.
      findings.return?.().then(undefined, () => {})
    }
  }
}

/** Even a finding that says nothing counts, so that an endless row of them ends. */
function sizeOf(finding: Finding): number {
  switch (finding.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return Math.max(1, finding.delta.length)
    case 'passages':
      return finding.hits.reduce((size, hit) => size + hit.content.length, 1)
    case 'fact':
      return finding.statement.length + finding.value.length
    case 'reading':
      return finding.reading.text.length + 1
    case 'citation':
      return finding.quote.length + 1
    case 'tool-call':
      return 1 + lengthOf(finding.input)
    case 'tool-result':
      return 1 + lengthOf(finding.output)
    case 'tool-error':
      return 1 + finding.message.length
    default:
      return 1
  }
}

const lengthOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0
