import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../call.ts'
import type { LanguageModels } from '../ports/language-model/port.ts'
import { askForJson, languageModelOf } from './ask-model.ts'
import type { Budget } from './budget.ts'
import { readable, rulesFor, shapeOffered } from './model-plan.ts'
import { answerSteps, isAnswering, orderedSteps, type Capability, type PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'
import { possible, type Able, type LeftOut } from './possible.ts'
import { answeringOf, isComplex, planByRules, recallStep, stagesIn, type Recognisers } from './rule-planner.ts'

export interface Planned {
  planner: 'rules' | 'model'
  steps: PlanStep[]
  /** What each stage of "do this, then that" is, where a request names stages. */
  stages: { input: string; capability: Capability }[]
  /** Why a model did not plan although it should have. */
  notice?: string
  /** What would have been done if nothing were switched off or missing. */
  leftOut: LeftOut[]
}

interface Dependencies {
  models: LanguageModels
  canCompute: Recognisers['canCompute']
  /** Whether the question asks for something that is computed from a table. */
  wantsTable: Recognisers['wantsTable']
  wantsSummary?: Recognisers['wantsSummary']
  wantsText?: Recognisers['wantsText']
  seconds: number
}

export type Planner = ReturnType<typeof createPlanner>

export function createPlanner({ models, seconds, ...given }: Dependencies) {
  const recognisers: Recognisers = { wantsSummary: () => undefined, wantsText: () => false, ...given }

  /** Whoever asks for nitro-offline has nobody who writes. */
  function abilities(request: AnswerRequest, able: Able): Able {
    const canWrite = languageModelOf(models, request.model) !== undefined
    return { ...able, can: (capability) => able.can(capability) && (capability !== 'compose' || canWrite) }
  }

  function planned(by: Planned['planner'], steps: PlanStep[], request: AnswerRequest, able: Able): Planned {
    const stages = stagesIn(request.question).map((input) => {
      const capability = answeringOf(input, recognisers)
      return { input, capability: able.can(capability) ? capability : ('answer' as const) }
    })
    return { planner: by, ...possible(steps, able), stages: stages.length > 1 ? stages : [] }
  }

  const byRules = (request: AnswerRequest, able: Able, notice?: string): Planned => ({
    ...planned('rules', answerSteps(planByRules(request, recognisers)), request, able),
    ...(notice === undefined ? {} : { notice }),
  })

  /** Every conversation that is kept begins with what is remembered of it. */
  function afterRecall(steps: PlanStep[], request: AnswerRequest): PlanStep[] {
    const recall = steps.some(({ id }) => id === 'recall') ? [] : recallStep(request, recognisers.canCompute)
    const ids = recall.map(({ id }) => id)
    return [...recall, ...steps.map((step) => (step.dependsOn.length > 0 ? step : { ...step, dependsOn: ids }))]
  }

  async function askModel(call: Call, request: AnswerRequest, budget: Budget, able: Able, beside = '') {
    const model = languageModelOf(models, request.model, call)!
    const text = `<question>\n${request.question}\n</question>${beside}`
    const shape = shapeOffered(request, able)
    const asked = { name: 'plan', rules: rulesFor(request, able), text, shape, seconds }
    const { value } = await askForJson(call, model, budget, asked)
    return readable(value.steps)
  }

  async function byModel(call: Call, request: AnswerRequest, budget: Budget, able: Able): Promise<Planned> {
    if (!languageModelOf(models, request.model))
      return byRules(request, able, 'There is no language model to plan with, so fixed rules planned this answer.')
    try {
      const steps = answerSteps({ steps: await askModel(call, request, budget, able) })
      // The answer is to what the person asked, whatever a model made of it.
      const { input: _, ...answer } = steps.at(-1)!
      return planned('model', afterRecall([...steps.slice(0, -1), answer], request), request, able)
    } catch (error) {
      if (call.signal.aborted) throw error
      const why = error instanceof NitroError ? error.message : 'It failed.'
      return byRules(request, able, `Fixed rules planned this answer, because the model could not. ${why}`)
    }
  }

  return {
    /** At once by rules, in most cases; a model is asked for complex requests, or when somebody wants it. */
    plan(call: Call, request: AnswerRequest, budget: Budget, enabled: Able): Planned | Promise<Planned> {
      const able = abilities(request, enabled)
      if (request.planner === 'rules') return byRules(request, able)
      const asksModel =
        request.planner === 'model' ||
        (isComplex(request.question) && languageModelOf(models, request.model) !== undefined)
      return asksModel ? byModel(call, request, budget, able) : byRules(request, able)
    },

    /** Other steps for those that failed; none when the model has no idea either. */
    async instead(call: Call, request: AnswerRequest, failed: readonly PlanStep[], budget: Budget, enabled: Able) {
      const able = abilities(request, enabled)
      if (!languageModelOf(models, request.model)) return []
      const said = failed.map(({ id, capability, input }) => `${id} (${capability}: ${input ?? request.question})`)
      const beside = `\nThese steps failed: ${said.join('; ')}. Plan only the steps that find in another way what they should have found, without an answer step; none if there is no other way.`
      try {
        const steps = await askModel(call, request, budget, able, beside)
        return orderedSteps({
          steps: steps
            .filter(({ capability }) => !isAnswering(capability) && able.can(capability))
            .map((step) => ({ ...step, id: `again-${step.id}`.slice(0, 40), dependsOn: [] })),
        })
      } catch (error) {
        if (call.signal.aborted) throw error
        return []
      }
    },
  }
}
