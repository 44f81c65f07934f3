import type { PlanStep } from './plan.ts'

/**
 * Runs steps as soon as what they depend on is done, at most `limit` at a time, and yields what they say as it comes.
 * With a limit of one that is one after the other, in their order.
 */
export async function* runGraph<Said>(
  steps: readonly PlanStep[],
  start: (step: PlanStep) => AsyncGenerator<Said, void>,
  limit: number,
): AsyncGenerator<Said, void> {
  const waiting = new Set(steps)
  const active = new Map<PlanStep, Running<Said>>()
  const isOpen = (id: string) => [...waiting, ...active.keys()].some((step) => step.id === id)
  const advance = (step: PlanStep, work: AsyncGenerator<Said, void>) =>
    active.set(step, { work, next: work.next().then((result) => ({ step, result })) })
  try {
    for (;;) {
      for (const step of waiting) {
        if (active.size >= limit) break
        if (step.dependsOn.some(isOpen)) continue
        waiting.delete(step)
        advance(step, start(step))
      }
      if (active.size === 0) return
      const { step, result } = await Promise.race([...active.values()].map(({ next }) => next))
      const { work } = active.get(step)!
      if (result.done) active.delete(step)
      else {
        yield result.value
        advance(step, work)
      }
    }
  } finally {
    for (const { work, next } of active.values()) {
      next.catch(() => {})
      work.return().catch(() => {})
    }
  }
}

interface Running<Said> {
  work: AsyncGenerator<Said, void>
  next: Promise<{ step: PlanStep; result: IteratorResult<Said, void> }>
}
