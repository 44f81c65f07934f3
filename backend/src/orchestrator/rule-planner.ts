import { questionsIn } from '../questions.ts'
import type { Plan, PlanStep } from './plan.ts'
import type { AnswerRequest } from './port.ts'

/** Words that open a conversation and ask nothing of any document. */
const smallTalk =
  /^\s*(hi|hello|hey|hallo|hola|bonjour|good (morning|afternoon|evening)|thanks?( you)?|thank you|bye|goodbye|ok(ay)?|who are you|what (are|can) you( do)?|help)\b[\s!.?]*$/i

/** The modules' own words on what they can do with a question; each is asked of every message, so each is fast. */
export interface Recognisers {
  canCompute(question: string): boolean
  wantsTable(question: string): boolean
  /** What is to be summarised: what was said here, documents, or the text that came with the request. */
  wantsSummary(question: string): 'conversation' | 'documents' | 'text' | undefined
  /** Whether a text is to be written that others will read. */
  wantsText(question: string): boolean
}

/**
 * The deterministic planner for ordinary requests: look at what came along, compute what can be computed, look up what
 * can be looked up, each question of several for itself, then answer, summarise or write.
 */
export function planByRules(request: AnswerRequest, recognisers: Recognisers): Plan {
  const { question } = request
  const images = attachedImages(request)
  const recordings = attachedRecordings(request)
  const transcribe: PlanStep[] =
    recordings.length > 0
      ? [{ id: 'listen', capability: 'transcribe', task: `Write down ${named(recordings)}`, dependsOn: [] }]
      : []
  const isAttached = images.length > 0 || recordings.length > 0
  const answering = answeringOf(question, recognisers)
  const recall = recallStep(request, recognisers.canCompute)
  const looksUp = !isAttached || pointsAtDocuments.test(question)
  const steps = answering === 'summarise' ? [] : findingSteps(request, recognisers, recall, looksUp)
  const isLookedAt = images.length > 0
  const isByLooking = isLookedAt && answering !== 'compose' && steps.length === 0 && recordings.length === 0
  const look: PlanStep[] =
    isLookedAt && !isByLooking
      ? [{ id: 'look', capability: 'look', task: `Look at ${named(images)}`, dependsOn: [] }]
      : []
  const before = [...recall, ...transcribe, ...look, ...steps]
  const answer: PlanStep = {
    id: 'answer',
    capability: isByLooking ? 'look' : answering,
    task: isByLooking ? `Answer from ${named(images)}` : answerTask(answering, before),
    dependsOn: before.map(({ id }) => id),
  }
  return { steps: [...before, answer] }
}

/** What sort of answer a request, or one stage of it, asks for in clear words. */
export function answeringOf(
  question: string,
  { canCompute, wantsSummary, wantsText }: Recognisers,
): 'answer' | 'summarise' | 'compose' {
  if (canCompute(question)) return 'answer'
  if (wantsSummary(question) !== undefined && questionsIn(question).length < 2) return 'summarise'
  return wantsText(question) ? 'compose' : 'answer'
}

function findingSteps(
  request: AnswerRequest,
  { canCompute, wantsTable }: Recognisers,
  recall: readonly PlanStep[],
  looksUp: boolean,
): PlanStep[] {
  const parts = canCompute(request.question) ? [] : questionsIn(request.question).map(({ alone }) => alone)
  const asked = parts.length > 1 ? parts : [request.question]
  const mayRead = request.collectionIds?.length !== 0 && looksUp
  return asked.flatMap((question, index): PlanStep[] => {
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
}

export const attachedImages = ({ attachments = [] }: AnswerRequest) =>
  attachments.filter(({ mediaType }) => mediaType.startsWith('image/'))
export const attachedRecordings = ({ attachments = [] }: AnswerRequest) =>
  attachments.filter(({ mediaType }) => /^(?:audio|video)\//.test(mediaType))

/** The step's task is shown, so a name of any length must fit. */
const named = (attachments: readonly { name: string }[]): string =>
  attachments.length === 1 ? attachments[0]!.name.slice(0, 120) : `the ${attachments.length} attachments`

/** A question on an image or a recording that is also about what the documents say. */
const pointsAtDocuments =
  /\b(?:(?:my|our|the|these|your) (?:\w+ )?(?:documents?|files?|handbook|manual|policy|policies|contract|guidelines?|rules|knowledge|sources)|according to|compare (?:\w+ ){0,4}with (?:my|our|the)|(?:in|laut|nach|mit) (?:meinen|unseren|den|dem|meinem|unserem) (?:dokument|unterlagen|datei|handbuch|vertrag|richtlinie)|(?:mis|nuestros|los) (?:documentos|archivos)|(?:mes|nos|les) (?:documents|fichiers))/i

/** First, because a follow-up is searched together with what it is about. A conversation's first question pays nothing. */
export const recallStep = (
  { question, conversationId, history }: AnswerRequest,
  canCompute: (question: string) => boolean,
): PlanStep[] =>
  conversationId === undefined || history.length === 0 || smallTalk.test(question) || canCompute(question)
    ? []
    : [{ id: 'recall', capability: 'recall', task: 'Recall earlier turns', dependsOn: [] }]

/** "Do this, then that": what is to be done with the result of what came before. */
export const stagesIn = (text: string): string[] =>
  text
    // Begins where blanks begin and nowhere within them, which would take the square of their number.
    .split(/(?:[,;.]\s+(?:and\s+)?|(?<!\s)\s+and\s+)then[,\s]\s*/i)
    .map((stage) => stage.trim())
    .filter((stage) => stage.length >= 8)

/** More than fixed rules see through: several questions and stages at once, or many stages. */
export function isComplex(question: string): boolean {
  const stages = stagesIn(question).length
  return stages > 3 || (stages > 1 && questionsIn(question).length > 1)
}

function answerTask(answering: 'answer' | 'summarise' | 'compose', before: readonly PlanStep[]): string {
  if (answering === 'summarise') return 'Read all of it and summarise it'
  if (answering === 'compose') return 'Outline the text and write it'
  if (before.some(({ capability }) => capability === 'search')) return 'Answer from the passages found'
  const isGiven = ({ capability }: PlanStep) => capability === 'look' || capability === 'transcribe'
  if (before.some(isGiven)) return 'Answer from what came along'
  return before.some(({ capability }) => capability !== 'recall') ? 'State the result' : 'Answer directly'
}
