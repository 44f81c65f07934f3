import type { NitroChunk, PlanData, StepData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Evidence, Finding, Task } from '../modules/module.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { createAnswerText, noticeChunk } from './answer-text.ts'
import { languageModelOf } from './ask-model.ts'
import type { Budget } from './budget.ts'
import { limited } from './limited.ts'
import type { Capability, PlanStep } from './plan.ts'
import type { Planned, Planner } from './planner.ts'
import type { AnswerRequest } from './port.ts'
import type { ModuleChoice, ModuleRegistry } from './registry.ts'
import { createStepTrace } from './step-trace.ts'

/** How a strategy lays out a plan: what is found out first, which steps answer, and what it does itself. */
export interface Shape {
  gathering: PlanStep[]
  answering: PlanStep[]
  /** Steps that the orchestrator takes itself, such as judging; `before` says in front of which of all steps. */
  own?: { id: string; task: string; reason: string; dependsOn: string[]; before?: string }
}

/** What a step is given beside the person's request. */
export interface Work {
  evidence?: Evidence
  question?: string
  previous?: string | undefined
  model?: string | undefined
  sampling?: Task['sampling']
  /** Its words are the answer and are shown as they come; otherwise they are kept. */
  isAloud?: boolean
  /** Not the end of the answer, so an interrupted answer does not go on from it. */
  isDraft?: boolean
}

export interface StepOutput {
  step: PlanStep
  data: StepData
  /** Undefined for a step that ended well. */
  error: unknown
  text: string
  evidence: Evidence
  /** What a silent answer would have said, to be said later. */
  findings: Finding[]
}

export interface Limits {
  stepSeconds: Record<Capability, number>
  stepCharacters: number
}

interface Surroundings {
  call: Call
  request: AnswerRequest
  planned: Planned
  shape: Shape
  plan: Omit<PlanData, 'steps'>
  registry: ModuleRegistry
  models: LanguageModels
  planner: Planner
  budget: Budget
  limits: Limits
}

export type Execution = ReturnType<typeof createExecution>

/** One answer in the making: runs its steps within limits and budget, and tells each of them to the trace. */
export function createExecution(around: Surroundings) {
  const { call, request, planned, shape, registry, models, budget, limits } = around
  const text = createAnswerText()
  const steps = [...shape.gathering, ...shape.answering]
  const choices = new Map<string, ModuleChoice>(steps.map((step) => [step.id, registry.choose(step.capability)]))
  let replanned: string | undefined
  let isReplanned = false

  const taskOf = (step: PlanStep, work: Work): Task => ({
    question: work.question ?? step.input ?? request.question,
    conversationId: request.conversationId,
    history: request.history,
    instructions: request.instructions,
    evidence: work.evidence ?? nothing,
    model: work.model ?? request.model,
    collectionIds: request.collectionIds,
    continueFrom: work.isDraft ? undefined : request.continueFrom,
    previous: work.previous,
    sampling: work.sampling,
  })

  function reserve(step: PlanStep, task: Task) {
    budget.takeStep()
    const model = step.capability === 'answer' ? languageModelOf(models, task.model) : undefined
    return model && budget.reserve(model, charactersOf(task))
  }

  async function* run(step: PlanStep, work: Work): AsyncGenerator<NitroChunk, StepOutput> {
    const { module, reason } = choices.get(step.id)!
    const trace = createStepTrace({ id: step.id, module: module.manifest.name, reason })
    const output = { step, error: undefined as unknown, text: '', evidence: nothing, findings: [] as Finding[] }
    const task = taskOf(step, work)
    let reservation: ReturnType<typeof reserve>
    yield trace.start()
    try {
      reservation = reserve(step, task)
      const seconds = Math.max(0.001, Math.min(limits.stepSeconds[step.capability], budget.secondsLeft()))
      const within = { seconds, characters: limits.stepCharacters }
      for await (const finding of limited(call, (own) => module.run(own, task), within)) {
        if (finding.type === 'report') trace.report(finding)
        else if (finding.type === 'text-delta') output.text += finding.delta
        else output.evidence = joined(output.evidence, finding)
        const isTold = work.isAloud || (finding.type === 'notice' && step.capability !== 'answer')
        if (isTold) yield* text.take(finding)
        else if (step.capability === 'answer') output.findings.push(finding)
      }
    } catch (error) {
      if (call.signal.aborted) {
        yield trace.stop()
        throw error
      }
      yield trace.fail(error)
      output.error = error
      call.log.warn('step-failed', { module: module.manifest.name, error })
      return { ...output, data: trace.data }
    } finally {
      reservation?.settle(trace.data.usage)
      budget.spend(trace.data.usage)
    }
    yield trace.complete()
    return { ...output, data: trace.data }
  }

  /** The plan as it is now, for the trace. */
  function planChunk(): NitroChunk {
    const listed: PlanData['steps'] = steps.map(({ id, task, dependsOn }) => {
      const { module, reason } = choices.get(id)!
      return { id, module: module.manifest.name, task, reason, dependsOn }
    })
    if (shape.own) {
      const { before, ...own } = shape.own
      const at = listed.findIndex(({ id }) => id === before)
      listed.splice(at === -1 ? listed.length : at, 0, { ...own, module: 'orchestrator' })
    }
    return {
      type: 'data-plan',
      id: 'plan',
      data: { ...around.plan, ...(replanned === undefined ? {} : { replanned }), steps: listed },
    }
  }

  /** Other steps for those that failed; once in an answer, so that a broken world cannot keep it busy. */
  async function* replan(failed: readonly StepOutput[]): AsyncGenerator<NitroChunk, PlanStep[]> {
    if (failed.length === 0 || isReplanned) return []
    isReplanned = true
    const instead = failed.flatMap(({ step, data }): PlanStep[] => {
      const choice = registry.chooseInstead(step.capability, data.module)
      if (!choice) return []
      const again = { ...step, id: `${step.id}-again`, dependsOn: [] }
      choices.set(again.id, choice)
      return [again]
    })
    const onlyGathering = failed.every(({ step }) => step.capability !== 'answer')
    if (instead.length === 0 && planned.planner === 'model' && onlyGathering) {
      const made = await around.planner.instead(
        call,
        request,
        failed.map(({ step }) => step),
        budget,
      )
      instead.push(...made.filter(({ id }) => !choices.has(id)))
      for (const step of instead) choices.set(step.id, registry.choose(step.capability))
    }
    if (instead.length === 0) return []
    steps.splice(shape.gathering.length, 0, ...instead)
    replanned = `${failed.map(({ step }) => step.id).join(', ')} failed, so ${instead.map(({ id }) => id).join(', ')} was added`
    yield planChunk()
    return instead
  }

  return {
    call,
    request,
    shape,
    models,
    budget,
    run,
    replan,
    planChunk,
    /** Says what a silent answer has kept. */
    *say(findings: readonly Finding[]): Generator<NitroChunk> {
      for (const finding of findings) yield* text.take(finding)
    },
    *skip(step: PlanStep, why: string): Generator<NitroChunk> {
      const { module, reason } = choices.get(step.id)!
      yield createStepTrace({ id: step.id, module: module.manifest.name, reason }).skip(why)
    },
    /** The trace of the step that the strategy takes itself. */
    ownStep() {
      const { id, reason } = shape.own!
      return createStepTrace({ id, module: 'orchestrator', reason })
    },
    hasSpoken: text.hasSpoken,
    close: () => text.close(),
  }
}

export const nothing: Evidence = { passages: [], facts: [] }

function joined(evidence: Evidence, finding: Finding): Evidence {
  switch (finding.type) {
    case 'passages':
      return { ...evidence, passages: [...evidence.passages, ...finding.hits] }
    case 'fact':
      return { ...evidence, facts: [...evidence.facts, { statement: finding.statement, value: finding.value }] }
    case 'recollection':
      return { ...evidence, recalled: finding.recalled }
    default:
      return evidence
  }
}

const charactersOf = ({ question, history, instructions, evidence, previous }: Task): number =>
  [
    question,
    instructions ?? '',
    previous ?? '',
    ...history.map((turn) => turn.text),
    ...evidence.passages.map((hit) => hit.content),
  ].reduce((sum, said) => sum + said.length, 0)

export const stepFailedNotice = (module: string): NitroChunk =>
  noticeChunk(
    'step_failed',
    'warning',
    `The ${module} step failed, so this answer was made without it.`,
    `failed-${module}`,
  )
