import type { ConfidencePart, CritiqueData, NitroChunk, PlanData, StepData } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Evidence, Finding, Reservation, Task } from '../modules/module.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { createAnswerText, noticeChunk } from './answer-text.ts'
import type { Budget } from './budget.ts'
import { limited } from './limited.ts'
import { isAnswering, type Capability, type PlanStep } from './plan.ts'
import type { Planned, Planner } from './planner.ts'
import type { AnswerRequest } from './port.ts'
import type { ModuleChoice, Selector } from './registry.ts'
import { createStepTrace } from './step-trace.ts'

/** How a strategy lays out a plan: what is found out first, which steps answer, and what it does itself. */
export interface Shape {
  gathering: PlanStep[]
  answering: PlanStep[]
  /** What looks at the answer when it is there. */
  checking?: PlanStep[]
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
  /** The answer that is to be checked. */
  answer?: Task['answer']
  /** Not the end of the answer, so an interrupted answer does not go on from it. */
  isDraft?: boolean
}

export interface StepOutput {
  step: PlanStep
  data: StepData
  /** Undefined for a step that ended well. */
  error: unknown
  text: string
  /** What it found, and what it was given. */
  evidence: Evidence
  given: Evidence
  citations: { number: number; quote: string }[]
  critique?: CritiqueData
  /** How far the other answers say the same, where there were others. */
  agreement?: ConfidencePart
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
  selector: Selector
  models: LanguageModels
  planner: Planner
  budget: Budget
  limits: Limits
}

export type Execution = ReturnType<typeof createExecution>

/** One answer in the making: runs its steps within limits and budget, and tells each of them to the trace. */
export function createExecution(around: Surroundings) {
  const { call, request, planned, shape, selector, models, budget, limits } = around
  const text = createAnswerText()
  const steps = [...shape.gathering, ...shape.answering, ...(shape.checking ?? [])]
  const choices = new Map<string, ModuleChoice>(steps.map((step) => [step.id, selector.choose(step.capability)]))
  let replanned: string | undefined
  let isReplanned = false

  const taskOf = (step: PlanStep, work: Work, reserve: Task['reserve']): Task => ({
    question: work.question ?? step.input ?? request.question,
    conversationId: request.conversationId,
    history: request.history,
    instructions: request.instructions,
    evidence: work.evidence ?? nothing,
    model: work.model ?? request.model,
    collectionIds: request.collectionIds,
    attachments: request.attachments ?? [],
    reserve,
    answer: work.answer,
    continueFrom: work.isDraft ? undefined : request.continueFrom,
    previous: work.previous,
    sampling: work.sampling,
  })

  /** A module that breaks off in the middle of a call leaves its reservation open; the step's end closes it. */
  function openReservations() {
    const open = new Set<Reservation>()
    const reserve: Task['reserve'] = (named, characters) => {
      const reservation = budget.reserve(named, characters)
      const once: Reservation = {
        settle(usage) {
          if (open.delete(once)) reservation.settle(usage)
        },
      }
      open.add(once)
      return once
    }
    return {
      reserve,
      close(usage: StepData['usage']) {
        // What a call that broke off has taken is in the step's usage, if anybody knows it.
        for (const reservation of open) reservation.settle(open.size === 1 ? usage : null)
      },
    }
  }

  async function* run(step: PlanStep, work: Work): AsyncGenerator<NitroChunk, StepOutput> {
    const { module, reason } = choices.get(step.id)!
    const trace = createStepTrace({ id: step.id, module: module.manifest.name, reason })
    const output: Omit<StepOutput, 'data'> = {
      step,
      error: undefined,
      text: '',
      evidence: nothing,
      given: work.evidence ?? nothing,
      citations: [],
      findings: [],
    }
    const reservations = openReservations()
    const task = taskOf(step, work, reservations.reserve)
    // What is looked at for another step's answer is found out like anything else.
    const mayAnswer = isAnswering(step.capability) && !(step.capability === 'look' && shape.gathering.includes(step))
    yield trace.start()
    try {
      budget.takeStep()
      const seconds = Math.max(0.001, Math.min(limits.stepSeconds[step.capability], budget.secondsLeft()))
      const within = { seconds, characters: limits.stepCharacters }
      for await (const finding of limited(call, (own) => module.run(own, task), within)) {
        if (finding.type === 'report') trace.report(finding)
        else keep(output, finding)
        const shown = shownBeside(step, finding)
        if (shown) yield shown
        const isTold = work.isAloud || (finding.type === 'notice' && !mayAnswer)
        if (isTold) yield* text.take(finding)
        else if (isAnswering(step.capability)) output.findings.push(finding)
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
      reservations.close(trace.data.usage)
      budget.spend(trace.data.usage)
    }
    yield trace.complete()
    return { ...output, data: trace.data }
  }

  /** The plan as it is now, for the trace. */
  function planChunk(): NitroChunk {
    const listed: PlanData['steps'] = steps.map(({ id, capability, task, dependsOn }) => {
      const { module, reason, selection } = choices.get(id)!
      const isAnswer = isAnswering(capability) ? { isAnswer: true } : {}
      const step = { id, module: module.manifest.name, task, reason, dependsOn, ...isAnswer }
      return selection ? { ...step, selection } : step
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
      const choice = selector.chooseInstead(step.capability, data.module)
      if (!choice) return []
      const again = { ...step, id: `${step.id}-again`, dependsOn: [] }
      choices.set(again.id, choice)
      return [again]
    })
    const onlyGathering = failed.every(({ step }) => !isAnswering(step.capability))
    if (instead.length === 0 && planned.planner === 'model' && onlyGathering) {
      const made = await around.planner.instead(
        call,
        request,
        failed.map(({ step }) => step),
        budget,
        selector,
      )
      instead.push(...made.filter(({ id }) => !choices.has(id)))
      for (const step of instead) choices.set(step.id, selector.choose(step.capability))
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

function keep(output: Omit<StepOutput, 'data'>, finding: Finding): void {
  if (finding.type === 'text-delta') output.text += finding.delta
  else if (finding.type === 'tool-call') output.text = endParagraph(output.text)
  else if (finding.type === 'citation') output.citations.push({ number: finding.number, quote: finding.quote })
  else if (finding.type === 'critique') output.critique = { ...finding.critique, step: output.step.id }
  else output.evidence = joined(output.evidence, finding)
}

/** What is said after a call of a tool does not run on from what was said before it. */
const endParagraph = (text: string): string => (text === '' || text.endsWith('\n\n') ? text : `${text}\n\n`)

/** What has a part of its own in the message, whichever step found it. */
function shownBeside({ id }: PlanStep, finding: Finding): NitroChunk | undefined {
  if (finding.type === 'computation')
    return { type: 'data-computation', id, data: { ...finding.computation, step: id } }
  if (finding.type === 'critique') return { type: 'data-critique', id, data: { ...finding.critique, step: id } }
  return undefined
}

function joined(evidence: Evidence, finding: Finding): Evidence {
  switch (finding.type) {
    case 'passages':
      return { ...evidence, passages: [...evidence.passages, ...finding.hits] }
    case 'fact':
      return { ...evidence, facts: [...evidence.facts, factOf(finding)] }
    case 'reading':
      return { ...evidence, readings: [...(evidence.readings ?? []), finding.reading] }
    case 'recollection':
      return { ...evidence, recalled: finding.recalled }
    default:
      return evidence
  }
}

const factOf = ({ type: _, ...fact }: Extract<Finding, { type: 'fact' }>): Evidence['facts'][number] => fact

export const stepFailedNotice = (module: string): NitroChunk =>
  noticeChunk(
    'step_failed',
    'warning',
    `The ${module} step failed, so this answer was made without it.`,
    `failed-${module}`,
  )
