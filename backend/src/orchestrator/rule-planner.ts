import type { AnswerRequest } from './port.ts'
import type { Plan, PlanStep } from './plan.ts'

/** Words that open a conversation and ask nothing of any document. */
const smallTalk =
  /^\s*(hi|hello|hey|hallo|hola|bonjour|good (morning|afternoon|evening)|thanks?( you)?|thank you|bye|goodbye|ok(ay)?|who are you|what (are|can) you( do)?|help)\b[\s!.?]*$/i

/**
 * The deterministic planner for ordinary requests: compute what can be computed, look up what can be looked up, then
 * answer. `canCompute` is the reasoning module's own word on whether it can check the question.
 */
export function planByRules(request: AnswerRequest, { canCompute }: { canCompute(question: string): boolean }): Plan {
  const steps: PlanStep[] = []
  const computes = canCompute(request.question)
  const isSmallTalk = smallTalk.test(request.question)
  const searches = !computes && request.collectionIds?.length !== 0 && !isSmallTalk
  // First, because a follow-up is searched together with what it is about. A conversation's first question pays nothing.
  const recalls = !computes && !isSmallTalk && request.conversationId !== undefined && request.history.length > 0
  if (recalls) steps.push({ id: 'recall', capability: 'recall', task: 'Recall earlier turns', dependsOn: [] })
  if (computes) steps.push({ id: 'compute', capability: 'arithmetic', task: 'Work out the figures', dependsOn: [] })
  if (searches)
    steps.push({
      id: 'retrieve',
      capability: 'search',
      task: 'Find passages in your documents',
      dependsOn: recalls ? ['recall'] : [],
    })
  const dependsOn = steps.map((step) => step.id)
  steps.push({ id: 'answer', capability: 'answer', task: answerTask(computes, searches), dependsOn })
  return { steps }
}

const answerTask = (computes: boolean, searches: boolean) =>
  computes ? 'State the result' : searches ? 'Answer from the passages found' : 'Answer directly'
