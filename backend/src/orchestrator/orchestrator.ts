import type { NitroChunk, SourceData } from '@nitroagi/shared/runs'
import type { Evidence, Finding, Task } from '../modules/module.ts'
import { orderedSteps } from './plan.ts'
import type { AnswerRequest, AnswerSummary, Orchestrator } from './port.ts'
import type { ModuleRegistry } from './registry.ts'
import { planByRules } from './rule-planner.ts'
import { createStepTrace } from './step-trace.ts'
import { chooseStrategy } from './strategies.ts'

interface Dependencies {
  registry: ModuleRegistry
  /** Whether the reasoning module can work this question out and check the result. */
  canCompute(question: string): boolean
}

const textId = 'answer'
const reasoningId = 'reasoning'

export function createOrchestrator({ registry, canCompute }: Dependencies): Orchestrator {
  return {
    async *answer(call, request) {
      const planningStartedAt = performance.now()
      const steps = orderedSteps(planByRules(request, { canCompute }))
      const { strategy, reason } = chooseStrategy(request.strategy)
      const chosen = steps.map((step) => ({ step, choice: registry.choose(step.capability) }))
      const traces = chosen.map(({ step, choice }) => ({ ...choice, step, trace: createStepTrace(step, choice) }))
      yield {
        type: 'data-plan',
        id: 'plan',
        data: {
          planner: 'rules',
          strategy,
          strategyReason: reason,
          planningMs: Math.round((performance.now() - planningStartedAt) * 100) / 100,
          steps: traces.map(({ step, module, reason }) => ({
            id: step.id,
            module: module.manifest.name,
            task: step.task,
            reason,
            dependsOn: step.dependsOn,
          })),
        },
      }
      const state = createAnswerState()
      for (const { step, module, trace } of traces) {
        yield trace.start()
        try {
          for await (const finding of module.run(call, taskOf(request, state.evidence))) {
            if (finding.type === 'report') trace.report(finding)
            yield* state.take(finding)
          }
        } catch (error) {
          yield trace.fail(error)
          // Without its evidence the answer is poorer but still an answer; without the answer there is none.
          if (step.capability === 'answer' || call.signal.aborted) throw error
          call.log.warn('step-failed', { module: module.manifest.name, error })
          yield noticeOf(module.manifest.name)
          continue
        }
        yield trace.complete()
      }
      yield* state.close()
      const answered = traces.at(-1)?.trace.data
      return { model: answered?.model ?? null, strategy, usage: answered?.usage ?? null } satisfies AnswerSummary
    },
  }
}

const taskOf = (request: AnswerRequest, evidence: Evidence): Task => ({
  question: request.question,
  conversationId: request.conversationId,
  history: request.history,
  instructions: request.instructions,
  evidence,
  model: request.model,
  collectionIds: request.collectionIds,
  continueFrom: request.continueFrom,
})

const noticeOf = (module: string): NitroChunk => ({
  type: 'data-notice',
  id: `failed-${module}`,
  data: {
    level: 'warning',
    code: 'step_failed',
    message: `The ${module} step failed, so this answer was made without it.`,
  },
})

/** Gathers evidence for later steps and turns findings into chunks, opening and closing the texts around them. */
function createAnswerState() {
  const open = new Set<string>()
  let evidence: Evidence = { passages: [], facts: [] }

  return {
    get evidence() {
      return evidence
    },
    *take(finding: Finding): Generator<NitroChunk> {
      switch (finding.type) {
        case 'text-delta':
          if (open.delete(reasoningId)) yield { type: 'reasoning-end', id: reasoningId }
          if (!open.has(textId)) yield { type: 'text-start', id: textId }
          open.add(textId)
          yield { type: 'text-delta', id: textId, delta: finding.delta }
          return
        case 'reasoning-delta':
          if (!open.has(reasoningId)) yield { type: 'reasoning-start', id: reasoningId }
          open.add(reasoningId)
          yield { type: 'reasoning-delta', id: reasoningId, delta: finding.delta }
          return
        case 'citation':
          yield sourceChunk(finding)
          return
        case 'passages':
          evidence = { ...evidence, passages: [...evidence.passages, ...finding.hits] }
          return
        case 'fact':
          evidence = { ...evidence, facts: [...evidence.facts, { statement: finding.statement, value: finding.value }] }
          return
        case 'recollection':
          evidence = { ...evidence, recalled: finding.recalled }
          return
        case 'notice':
          yield {
            type: 'data-notice',
            id: finding.code,
            data: { level: finding.level, code: finding.code, message: finding.message },
          }
      }
    },
    *close(): Generator<NitroChunk> {
      if (open.delete(reasoningId)) yield { type: 'reasoning-end', id: reasoningId }
      if (open.delete(textId)) yield { type: 'text-end', id: textId }
    },
  }
}

function sourceChunk({ number, hit, start, end, quote }: Extract<Finding, { type: 'citation' }>): NitroChunk {
  const source: SourceData = {
    number,
    documentId: hit.documentId,
    entryId: hit.entryId,
    title: hit.title,
    mediaType: hit.mediaType,
    page: hit.page,
    start,
    end,
    quote,
    score: hit.score,
  }
  return {
    type: 'source-document',
    sourceId: `${number}`,
    mediaType: hit.mediaType,
    title: hit.title,
    filename: hit.title,
    providerMetadata: { nitro: source },
  }
}
