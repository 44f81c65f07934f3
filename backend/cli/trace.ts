import type {
  ComputationData,
  ConfidenceData,
  ConsensusData,
  CritiqueData,
  DecisionData,
  NitroPart,
  SelectionData,
  StepData,
  Usage,
} from '@nitroagi/shared/runs'

/** How an answer came about, in lines that a person reads. What was not measured says so. */
export function describeTrace(parts: NitroPart[]): string {
  const plan = parts.findLast((part) => part.type === 'data-plan')?.data
  const run = parts.findLast((part) => part.type === 'data-run')?.data
  const steps = parts.flatMap((part) => (part.type === 'data-step' ? [part.data] : []))
  return [
    ...(plan
      ? [
          `Plan      ${plan.strategy} (${plan.strategyReason}), made by ${plan.planner} in ${milliseconds(plan.planningMs)}`,
          ...(plan.replanned ? [`          again: ${plan.replanned}`] : []),
        ]
      : []),
    ...steps.flatMap((step) => [
      ...describeStep(step),
      ...describeSelection(plan?.steps.find(({ id }) => id === step.id)?.selection),
    ]),
    ...parts.flatMap((part) => (part.type === 'dynamic-tool' ? [describeTool(part)] : [])),
    ...parts.flatMap((part) => (part.type === 'data-decision' ? describeDecision(part.data) : [])),
    ...parts.flatMap((part) => (part.type === 'data-consensus' ? describeConsensus(part.data) : [])),
    ...parts.flatMap((part) => (part.type === 'data-computation' ? describeComputation(part.data) : [])),
    ...parts.flatMap((part) => (part.type === 'data-critique' ? describeCritique(part.data) : [])),
    ...parts.flatMap((part) => (part.type === 'data-confidence' ? describeConfidence(part.data) : [])),
    ...(run
      ? [
          `Run       ${run.status}, ${run.model ?? 'no model'}, ${describeUsage(run.usage)}, first words after ${milliseconds(run.firstDeltaMs)}, ${milliseconds(run.durationMs)} in all`,
        ]
      : []),
  ].join('\n')
}

const describeStep = (step: StepData): string[] => [
  `Step      ${step.module}: ${step.status}${step.status === 'skipped' ? '' : `, ${milliseconds(step.durationMs)}`}${step.summary ? `, ${step.summary}` : ''}`,
  `          why: ${step.reason}; confidence: ${step.confidence === null ? 'not measured' : `${step.confidence.toFixed(2)} (${step.confidenceBasis ?? 'no basis given'})`}`,
  ...(step.error ? [`          error: ${step.error.message}`] : []),
]

function describeTool(part: Extract<NitroPart, { type: 'dynamic-tool' }>): string {
  const outcome = part.state === 'output-available' ? inLine(part.output) : (part.errorText ?? 'nothing came of it')
  return `Tool      ${part.toolName} ${inLine(part.input)}: ${outcome}`
}

const inLine = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replace(/\s+/g, ' ').slice(0, 200)

const describeDecision = ({ measured, threshold, basis, taken, reason }: DecisionData): string[] => [
  `Decision  ${taken}: ${reason}`,
  `          measured ${share(measured)}, enough from ${threshold.toFixed(2)}, by ${basis}`,
]

const describeConsensus = ({ from, answers, agreement, judge }: ConsensusData): string[] => [
  `Consensus ${answers.length} answers by different ${from}, agreement ${share(agreement.overall)} (meaning ${share(agreement.meaning)}, numbers ${share(agreement.figures)}, sources ${share(agreement.sources)}), chosen by ${judge.model ?? 'rule'}: ${judge.reason}`,
  ...answers.map(
    ({ step, model, text, agreement: own, isChosen, dissents }) =>
      `          ${step} (${model ?? 'no model'}, agreement ${share(own)}${isChosen ? ', chosen' : dissents ? ', says something else' : ''}): ${text.replace(/\s+/g, ' ').slice(0, 200)}`,
  ),
]

const describeComputation = ({ document, sheet, query, rowCount, tableRows, by }: ComputationData): string[] => [
  `Computed  ${document.title}${sheet ? `, sheet ${sheet}` : ''}: ${rowCount} rows from ${tableRows}, asked by ${by}`,
  `          ${query}`,
]

const marks = { supported: 'supported    ', unsupported: 'NOT SUPPORTED', unchecked: 'not checked  ' } as const

const describeCritique = ({ by, model, sentences, supportedShare, basis }: CritiqueData): string[] => [
  `Check     ${supportedShare === null ? 'nothing to check' : `${share(supportedShare)} of the sentences supported`}, by ${model ?? by}: ${basis}`,
  ...sentences.map(
    ({ text, verdict, support, sources }) =>
      `          ${marks[verdict]}${support === null ? '' : ` ${support.toFixed(2)}`}${sources.map((number) => ` [${number}]`).join('')} ${text.replace(/\s+/g, ' ').slice(0, 160)}`,
  ),
]

const describeConfidence = ({ value, parts, calibration, basis }: ConfidenceData): string[] => [
  `Confidence ${share(value)}: ${basis}${calibration ? `; measured as ${share(calibration.raw)}` : ''}`,
  ...parts.map((part) => `          ${part.name} ${share(part.value)}: ${part.basis}`),
]

/** The numbers behind the choice of a module, where there was one. */
function describeSelection(selection: SelectionData | undefined): string[] {
  if (!selection) return []
  const { score, parts, learned, others } = selection
  const measured = Object.entries(parts).map(([name, value]) => `${name} ${share(value)}`)
  const rest = others.map((other) => `${other.name} ${other.score.toFixed(2)}`)
  return [
    `          score ${score.toFixed(2)}: ${measured.join(', ')}, learned ${learned.toFixed(2)}${rest.length > 0 ? `; before ${rest.join(', ')}` : ''}`,
  ]
}

const share = (value: number | null) => (value === null ? 'not measured' : value.toFixed(2))

const milliseconds = (value: number | null) => (value === null ? 'not measured' : `${Math.round(value * 10) / 10} ms`)

function describeUsage(usage: Usage | null): string {
  if (!usage) return 'no tokens counted'
  const { inputTokens, outputTokens, estimated, costUsd } = usage
  const tokens = `${inputTokens ?? '?'} tokens in, ${outputTokens ?? '?'} out${estimated ? ' (estimated)' : ''}`
  return `${tokens}, ${costUsd === null ? 'price not known' : `$${costUsd.toFixed(6)}`}`
}
