import {
  isFinal,
  type ComputationData,
  type ConfidenceData,
  type ConsensusData,
  type CritiqueData,
  type DecisionData,
  sourceOf,
  type NitroMessage,
  type NitroPart,
  type NoticeData,
  type PlanData,
  type RunData,
  type SourceData,
  type StepData,
} from '@nitroagi/shared/runs'
import type { ConversationDetail, StoredMessage } from '@nitroagi/shared/conversations'

/** What an answer consists of, sorted for showing. */
export type AnswerParts = {
  texts: string[]
  reasoning: string
  sources: Map<number, SourceData>
  notices: NoticeData[]
  /** What the server said about the end of an answer that did not end well. */
  ending: NoticeData | undefined
  plan: PlanData | undefined
  steps: StepData[]
  decision: DecisionData | undefined
  consensus: ConsensusData | undefined
  computations: ComputationData[]
  critique: CritiqueData | undefined
  confidence: ConfidenceData | undefined
  run: RunData | undefined
}

export function answerParts(parts: readonly NitroPart[]): AnswerParts {
  const answer: AnswerParts = {
    texts: [],
    reasoning: '',
    sources: new Map(),
    notices: [],
    ending: undefined,
    plan: undefined,
    steps: [],
    decision: undefined,
    consensus: undefined,
    computations: [],
    critique: undefined,
    confidence: undefined,
    run: undefined,
  }
  for (const part of parts) {
    if (part.type === 'text') answer.texts.push(part.text)
    else if (part.type === 'reasoning') answer.reasoning += part.text
    else if (part.type === 'data-notice' && part.id === 'end') answer.ending = part.data
    else if (part.type === 'data-notice') answer.notices.push(part.data)
    else if (part.type === 'data-plan') answer.plan = part.data
    else if (part.type === 'data-decision') answer.decision = part.data
    else if (part.type === 'data-consensus') answer.consensus = part.data
    else if (part.type === 'data-computation') answer.computations.push(part.data)
    else if (part.type === 'data-critique') answer.critique = part.data
    else if (part.type === 'data-confidence') answer.confidence = part.data
    else if (part.type === 'data-run') answer.run = part.data
    else if (part.type === 'data-step') {
      const known = answer.steps.findIndex((step) => step.id === part.data.id)
      if (known === -1) answer.steps.push(part.data)
      else answer.steps[known] = part.data
    } else if (part.type === 'source-document') {
      const source = sourceOf(part)
      if (source) answer.sources.set(source.number, source)
    }
  }
  return answer
}

/** How an answer ended that did not end well; undefined while it is written and when it is whole. */
export function brokenStatus(run: RunData | undefined): 'stopped' | 'failed' | 'interrupted' | undefined {
  if (!run || !isFinal(run.status) || run.status === 'completed') return undefined
  return run.status as 'stopped' | 'failed' | 'interrupted'
}

/** The branch that ends in the newest message, as useChat holds it. */
export function messagesOf({ messages }: ConversationDetail): NitroMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path: NitroMessage[] = []
  for (let next = messages.at(-1); next; next = next.parentId ? byId.get(next.parentId) : undefined) {
    path.unshift(chatMessage(next))
    // A message that is its own ancestor would never end.
    byId.delete(next.id)
  }
  return path
}

const chatMessage = ({ id, role, parts, createdAt, runId, feedback }: StoredMessage): NitroMessage => ({
  id,
  role,
  // Stored as these very parts; shared's schema leaves them loose so that a newer server may add some.
  parts: parts as unknown as NitroPart[],
  metadata: { createdAt, ...(runId ? { runId } : {}), ...(feedback ? { feedback } : {}) },
})
