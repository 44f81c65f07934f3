import type { NitroChunk, PlanData } from '@nitroagi/shared/runs'
import type { Embedder } from '../ports/embedder/port.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { noticeChunk } from './answer-text.ts'
import { languageModelOf } from './ask-model.ts'
import { createBudget, type BudgetLimits } from './budget.ts'
import type { MeasureSupport } from './conditional.ts'
import { createExecution, type Limits } from './execution.ts'
import { createPlanner } from './planner.ts'
import type { Recognisers } from './rule-planner.ts'
import type { AnswerSummary, Orchestrator } from './port.ts'
import type { ModuleRegistry, Selector } from './registry.ts'
import { checkAnswer, withCheck } from './check.ts'
import { tellConfidence, type Calibrate } from './confidence.ts'
import { chooseArm } from './selection-choice.ts'
import { kindOf } from './selection-kinds.ts'
import { runAs, shapeFor } from './strategies.ts'

export interface OrchestratorDependencies {
  registry: ModuleRegistry
  models: LanguageModels
  embedder: Pick<Embedder, 'embed'>
  /** Whether the reasoning module can work this question out and check the result. */
  canCompute(question: string): boolean
  /** Whether the data module would look for a table to compute the answer from. */
  wantsTable?(question: string): boolean
  /** Whether the summary module would take this for its own, and of what. */
  wantsSummary?: Recognisers['wantsSummary']
  /** Whether a text is to be written that the writer module knows how to lay out. */
  wantsText?: Recognisers['wantsText']
  measureSupport: MeasureSupport
  /** What ratings have shown about a measured confidence; absent where nothing is rated. */
  calibrate?: Calibrate
  limits?: LimitSettings
}

export interface OrchestratorLimits extends Limits {
  budget: BudgetLimits
  planSeconds: number
}

/** What is not given stays as usual. */
export type LimitSettings = Partial<Omit<OrchestratorLimits, 'stepSeconds' | 'budget'>> & {
  budget?: Partial<BudgetLimits>
  stepSeconds?: Partial<OrchestratorLimits['stepSeconds']>
}

/** A run ends after 600 s whatever it does; an answer that knows its time ends before that, in its own words. */
const usualLimits: OrchestratorLimits = {
  stepSeconds: {
    recall: 10,
    search: 30,
    arithmetic: 10,
    tabulate: 60,
    look: 180,
    transcribe: 180,
    answer: 300,
    summarise: 480,
    compose: 480,
    verify: 30,
  },
  stepCharacters: 400_000,
  planSeconds: 20,
  budget: { steps: 20, tokens: 500_000, usd: 2, seconds: 570 },
}

export function createOrchestrator(dependencies: OrchestratorDependencies): Orchestrator {
  const { registry, models, canCompute, wantsTable = () => false } = dependencies
  const stepSeconds = { ...usualLimits.stepSeconds, ...dependencies.limits?.stepSeconds }
  const budgetLimits = { ...usualLimits.budget, ...dependencies.limits?.budget }
  const limits: OrchestratorLimits = { ...usualLimits, ...dependencies.limits, stepSeconds, budget: budgetLimits }
  const { wantsSummary = () => undefined, wantsText = () => false } = dependencies
  const recognisers = { canCompute, wantsTable, wantsSummary, wantsText }
  const planner = createPlanner({ models, seconds: limits.planSeconds, ...recognisers })

  return {
    async *answer(call, asked) {
      const planningStartedAt = performance.now()
      const budget = createBudget(limits.budget)
      const opened = registry.open(call)
      const selector = opened instanceof Promise ? await opened : opened
      const planned = await planner.plan(call, asked, budget, selector)
      const kind = kindOf(asked, planned.steps)
      const canWrite = languageModelOf(models, asked.model) !== undefined
      const seed = asked.runId ?? call.requestId
      const chosen = chooseArm({ request: asked, steps: planned.steps, kind, selector, models, canWrite, seed })
      const { request, strategy, reason, choice } = chosen
      const shape = withCheck(shapeFor(strategy, planned), selector)
      const planningUsage = budget.total()
      const plan: Omit<PlanData, 'steps'> = {
        planner: planned.planner,
        strategy,
        strategyReason: reason,
        kind,
        ...(choice ? { choice } : {}),
        planningMs: Math.round((performance.now() - planningStartedAt) * 100) / 100,
        ...(planningUsage === null ? {} : { usage: planningUsage }),
      }
      const around = { call, request, planned, shape, plan, selector, models, planner, budget, limits }
      const execution = createExecution(around)
      yield execution.planChunk()
      if (planned.notice !== undefined) yield noticeChunk('plan_by_rules', 'info', planned.notice)
      for (const { module, message } of planned.leftOut)
        yield noticeChunk('left_out', 'info', message, `left-out-${module ?? message.length}`)
      const answered = yield* measured(selector, runAs(strategy, execution, dependencies))
      yield* execution.close()
      const checked = yield* measured(selector, checkAnswer(execution, answered))
      yield* tellConfidence({ call, question: request.question, answered, checked }, dependencies)
      return { model: answered.data.model, strategy, usage: budget.total() } satisfies AnswerSummary
    },
  }
}

/** Passes everything on, and tells the selector of each step that begins or ends. */
async function* measured<Result>(
  { told, close }: Selector,
  chunks: AsyncGenerator<NitroChunk, Result>,
): AsyncGenerator<NitroChunk, Result> {
  try {
    for (;;) {
      const next = await chunks.next()
      if (next.done) return next.value
      if (next.value.type === 'data-step') told(next.value.data)
      yield next.value
    }
  } finally {
    close()
    await chunks.return(undefined as Result)
  }
}
