import type { Plan, PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'

/** Words that open a conversation and ask nothing of any document. */
const smallTalk =
  /^\s*(hi|hello|hey|hallo|hola|bonjour|good (morning|afternoon|evening)|thanks?( you)?|thank you|bye|goodbye|ok(ay)?|who are you|what (are|can) you( do)?|help)\b[\s!.?]*$/i

const partsAtMost = 6

interface Recognisers {
  canCompute(question: string): boolean
  wantsTable(question: string): boolean
}

/**
 * The deterministic planner for ordinary requests: compute what can be computed, look up what can be looked up, each
 * question of several for itself, then answer. `canCompute` and `wantsTable` are the modules' own
 * words on what they can work out.
 */
export function planByRules(request: AnswerRequest, { canCompute, wantsTable }: Recognisers): Plan {
  const parts = canCompute(request.question) ? [] : questionsIn(request.question)
  const asked = parts.length > 1 ? parts : [request.question]
  const mayRead = request.collectionIds?.length !== 0
  const recall = recallStep(request, canCompute)
  const steps = asked.flatMap((question, index): PlanStep[] => {
    const number = asked.length > 1 ? `-${index + 1}` : ''
    const input = asked.length > 1 ? { input: question.slice(0, 2_000) } : {}
    if (canCompute(question))
      return [
        { id: `compute${number}`, capability: 'arithmetic', task: 'Work out the figures', ...input, dependsOn: [] },
      ]
    if (!mayRead || smallTalk.test(question)) return []
    const task = asked.length > 1 ? `Find passages for question ${index + 1}` : 'Find passages in your documents'
    const table: PlanStep[] =
      request.hasTables && wantsTable(question)
        ? [
            {
              id: `table${number}`,
              capability: 'tabulate',
              task: 'Compute it from your tables',
              ...input,
              dependsOn: [],
            },
          ]
        : []
    return [
      ...table,
      { id: `retrieve${number}`, capability: 'search', task, ...input, dependsOn: recall.map(({ id }) => id) },
    ]
  })
  const dependsOn = [...recall, ...steps].map((step) => step.id)
  return { steps: [...recall, ...steps, { id: 'answer', capability: 'answer', task: answerTask(steps), dependsOn }] }
}

/** First, because a follow-up is searched together with what it is about. A conversation's first question pays nothing. */
export const recallStep = (
  { question, conversationId, history }: AnswerRequest,
  canCompute: (question: string) => boolean,
): PlanStep[] =>
  conversationId === undefined || history.length === 0 || smallTalk.test(question) || canCompute(question)
    ? []
    : [{ id: 'recall', capability: 'recall', task: 'Recall earlier turns', dependsOn: [] }]

/** The questions of a message that asks several; one that only says "she" takes the first along. */
export function questionsIn(text: string): string[] {
  const found = text.match(/[^?？]*[^\s?？][?？]+(?=\s|$)/g)?.map((part) => part.trim()) ?? []
  const questions = found.filter((part) => part.length >= 8)
  if (questions.length < 2 || questions.length > partsAtMost) return []
  return questions.map((part, index) => (index > 0 && pointsBack.test(part) ? `${questions[0]} ${part}` : part))
}

const pointsBack = /\b(?:he|she|it|they|him|his|hers?|its|them|their|there|this|that|these|those|er|sie|es|ihr)\b/i

/** "Do this, then that": what is to be done with the result of what came before. */
export const stagesIn = (text: string): string[] =>
  text
    .split(/(?:[,;.]\s+(?:and\s+)?|\s+and\s+)then[,\s]\s*/i)
    .map((stage) => stage.trim())
    .filter((stage) => stage.length >= 8)

/** More than fixed rules see through: several questions and stages at once, or many stages. */
export function isComplex(question: string): boolean {
  const stages = stagesIn(question).length
  return stages > 3 || (stages > 1 && questionsIn(question).length > 1)
}

const answerTask = (steps: readonly PlanStep[]) =>
  steps.some(({ capability }) => capability === 'search')
    ? 'Answer from the passages found'
    : steps.length > 0
      ? 'State the result'
      : 'Answer directly'
