import type {
  ConsensusData,
  DecisionData,
  NitroMessage,
  PlanData,
  SelectionData,
  SourceData,
  StepData,
} from '@nitroagi/shared/runs'
import { wordsFor } from '../../backend-client/words.ts'
import { classNames } from '../../ui/class-names.ts'
import { PanelHeader } from '../../ui/dialog.tsx'
import { answerParts } from './answer-parts.ts'
import { confidence, cost, duration, tokens } from './figures.ts'
import { Computations, Confidence, Critique } from './trace-evidence.tsx'
import { Figures } from './trace-figures.tsx'

/** The way an answer was made: plan, steps, time, tokens and money. What nobody measured is said to be so. */
export function TracePanel({ message, onClose }: { message: NitroMessage; onClose: () => void }) {
  const answer = answerParts(message.parts)
  const { run, plan, steps, decision, consensus } = answer
  return (
    <>
      <PanelHeader title="How this was answered" onClose={onClose} />
      <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto p-4">
        {!run && !plan && steps.length === 0 && <p className="text-ink-soft">Nothing was recorded for this answer.</p>}
        {run && (
          <Figures
            rows={[
              ['Status', run.status],
              ['Model', run.model ?? 'none'],
              ['Time', run.durationMs === null ? 'not known yet' : duration(run.durationMs)],
              ['First words after', run.firstDeltaMs === null ? 'not measured' : duration(run.firstDeltaMs)],
              ['Tokens', run.usage ? tokens(run.usage) : 'unknown'],
              ['Cost', run.usage ? cost(run.usage) : 'unknown'],
            ]}
          />
        )}
        {answer.confidence && <Confidence confidence={answer.confidence} />}
        {answer.critique && <Critique critique={answer.critique} />}
        {plan && (
          <section className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">Plan</h3>
            <p className="text-sm text-ink-soft">{plan.strategyReason}</p>
            <Figures
              rows={[
                ['Made by', plan.planner === 'rules' ? 'fixed rules' : 'a model'],
                ['Strategy', plan.strategy],
                ['Planning took', duration(plan.planningMs)],
                ...(plan.kind ? [['Kind of request', plan.kind] as const] : []),
                ...(plan.usage ? [['Planning cost', cost(plan.usage)] as const] : []),
              ]}
            />
            {plan.choice && <p className="text-sm text-ink-soft">{plan.choice.reason}</p>}
            {plan.replanned && <p className="text-sm text-ink-soft">Planned again: {plan.replanned}.</p>}
          </section>
        )}
        {decision && <Decision decision={decision} />}
        {consensus && <Consensus consensus={consensus} />}
        {answer.computations.length > 0 && <Computations computations={answer.computations} />}
        {steps.length > 0 && (
          <section className="flex flex-col gap-3">
            <h3 className="text-sm font-semibold">Steps</h3>
            <ol className="flex flex-col gap-3">
              {steps.map((step) => (
                <Step key={step.id} step={step} planned={plan?.steps.find(({ id }) => id === step.id)} />
              ))}
            </ol>
          </section>
        )}
        {answer.sources.size > 0 && <Sources sources={[...answer.sources.values()]} />}
      </div>
    </>
  )
}

const tones: Record<StepData['status'], string> = {
  pending: 'bg-hover text-ink-soft',
  running: 'bg-accent-soft text-accent',
  completed: 'bg-accent-soft text-accent',
  failed: 'bg-danger-soft text-danger',
  skipped: 'bg-hover text-ink-soft',
  stopped: 'bg-warning-soft text-warning',
}

type PlannedStep = PlanData['steps'][number]

function Step({ step, planned }: { step: StepData; planned: PlannedStep | undefined }) {
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line p-3">
      <div className="flex items-center gap-2">
        <span className="flex-1 font-medium">{step.module}</span>
        <span className={classNames('rounded-sm px-1.5 py-0.5 text-xs font-medium', tones[step.status])}>
          {step.status}
        </span>
      </div>
      {planned && <p className="text-sm">{planned.task}</p>}
      <p className="text-sm text-ink-soft">{step.reason}</p>
      {planned?.selection && <Selection selection={planned.selection} />}
      {step.summary && <p className="text-sm">{step.summary}</p>}
      {step.error && <p className="text-sm text-danger">{wordsFor(step.error.code, step.error.message)}</p>}
      <Figures
        rows={[
          ...(step.status === 'skipped'
            ? []
            : [['Time', step.durationMs === null ? 'not known yet' : duration(step.durationMs)] as const]),
          ...(step.model ? [['Model', step.model] as const] : []),
          ...(step.usage ? [['Tokens', tokens(step.usage)] as const, ['Cost', cost(step.usage)] as const] : []),
          ['Confidence', confidence(step.confidence, step.confidenceBasis)],
        ]}
      />
    </li>
  )
}

const parts = ['capability', 'success', 'capacity', 'health'] as const

/** The numbers behind the choice of a module. */
function Selection({ selection }: { selection: SelectionData }) {
  const { score, weights, learned, measuredSteps, others } = selection
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer rounded-sm text-ink-soft select-none">
        Chosen with a score of {score.toFixed(2)}
        {others.length > 0 &&
          ` before ${others.map((other) => `${other.name} (${other.score.toFixed(2)})`).join(', ')}`}
      </summary>
      <div className="mt-2">
        <Figures
          rows={[
            ...parts.map(
              (name) => [`${name}, weight ${weights[name].toFixed(2)}`, share(selection.parts[name])] as const,
            ),
            ['Steps measured', String(measuredSteps)],
            ['Learned from thumbs', learned === 0 ? 'nothing yet' : learned.toFixed(2)],
          ]}
        />
      </div>
    </details>
  )
}

function Sources({ sources }: { sources: SourceData[] }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Sources</h3>
      <ol className="flex flex-col gap-2 text-sm">
        {sources.map(({ number, title, page, quote }) => (
          <li key={number} className="flex gap-2">
            <span className="text-ink-faint tabular-nums">[{number}]</span>
            <span className="min-w-0 break-words">
              {title}, page {page}
              <span className="block text-ink-soft">“{quote}”</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Decision({ decision }: { decision: DecisionData }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Decision</h3>
      <p className="text-sm text-ink-soft">{decision.reason}.</p>
      <Figures
        rows={[
          ['Support', decision.measured === null ? 'not measured' : decision.measured.toFixed(2)],
          ['Enough from', decision.threshold.toFixed(2)],
          ['Measured by', decision.basis],
        ]}
      />
    </section>
  )
}

const apart: Record<ConsensusData['from'], string> = {
  models: 'different models',
  samples: 'one model, asked anew',
  passages: 'different passages',
}

const share = (value: number | null) => (value === null ? 'not measured' : value.toFixed(2))

/** Every answer that was given, the one that was chosen, and those that say something else. */
function Consensus({ consensus: { from, answers, agreement, judge } }: { consensus: ConsensusData }) {
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold">Answers compared</h3>
      <p className="text-sm text-ink-soft">{judge.reason}</p>
      <Figures
        rows={[
          ['Independent by', apart[from]],
          ['Chosen by', judge.by === 'model' ? (judge.model ?? 'a model') : 'a fixed rule'],
          ['Agreement', share(agreement.overall)],
          ['of meaning', share(agreement.meaning)],
          ['of numbers', share(agreement.figures)],
          ['of sources', share(agreement.sources)],
        ]}
      />
      <ol className="flex flex-col gap-2">
        {answers.map((answer) => (
          <li key={answer.step} className="flex flex-col gap-1 rounded-lg border border-line p-3 text-sm">
            <div className="flex items-center gap-2">
              <span className="flex-1 text-ink-faint">
                {answer.model ?? answer.step}, agreement {share(answer.agreement)}
              </span>
              {(answer.isChosen || answer.dissents) && (
                <span
                  className={classNames(
                    'rounded-sm px-1.5 py-0.5 text-xs font-medium',
                    answer.isChosen ? 'bg-accent-soft text-accent' : 'bg-warning-soft text-warning',
                  )}
                >
                  {answer.isChosen ? 'chosen' : 'says something else'}
                </span>
              )}
            </div>
            <p className="break-words whitespace-pre-wrap">{answer.text}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
