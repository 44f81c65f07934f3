import type { NitroPart, StepData, Usage } from '@nitroagi/shared/runs'

/** How an answer came about, in lines that a person reads. What was not measured says so. */
export function describeTrace(parts: NitroPart[]): string {
  const plan = parts.findLast((part) => part.type === 'data-plan')?.data
  const run = parts.findLast((part) => part.type === 'data-run')?.data
  const steps = parts.flatMap((part) => (part.type === 'data-step' ? [part.data] : []))
  return [
    ...(plan
      ? [
          `Plan      ${plan.strategy} (${plan.strategyReason}), made by ${plan.planner} in ${milliseconds(plan.planningMs)}`,
        ]
      : []),
    ...steps.flatMap(describeStep),
    ...(run
      ? [
          `Run       ${run.status}, ${run.model ?? 'no model'}, ${describeUsage(run.usage)}, first words after ${milliseconds(run.firstDeltaMs)}, ${milliseconds(run.durationMs)} in all`,
        ]
      : []),
  ].join('\n')
}

const describeStep = (step: StepData): string[] => [
  `Step      ${step.module}: ${step.status}, ${milliseconds(step.durationMs)}${step.summary ? `, ${step.summary}` : ''}`,
  `          why: ${step.reason}; confidence: ${step.confidence === null ? 'not measured' : `${step.confidence.toFixed(2)} (${step.confidenceBasis ?? 'no basis given'})`}`,
  ...(step.error ? [`          error: ${step.error.message}`] : []),
]

const milliseconds = (value: number | null) => (value === null ? 'not measured' : `${Math.round(value * 10) / 10} ms`)

function describeUsage(usage: Usage | null): string {
  if (!usage) return 'no tokens counted'
  const { inputTokens, outputTokens, estimated, costUsd } = usage
  const tokens = `${inputTokens ?? '?'} tokens in, ${outputTokens ?? '?'} out${estimated ? ' (estimated)' : ''}`
  return `${tokens}, ${costUsd === null ? 'price not known' : `$${costUsd.toFixed(6)}`}`
}
