import { Check, CircleDashed, X, type LucideIcon } from 'lucide-react'
import type { ComputationData, ConfidenceData, ConfidencePart, CritiqueData } from '@nitroagi/shared/runs'
import { classNames } from '../../ui/class-names.ts'
import { percent } from './figures.ts'
import { Figures } from './trace-figures.tsx'

const partNames: Record<ConfidencePart['name'], string> = {
  retrieval: 'Passages about the question',
  agreement: 'Agreement of several answers',
  critic: 'Sentences that are supported',
  calculation: 'Checked results',
  quotation: 'Quotation that answers',
}

/** How sure the whole answer is, with each part that was measured and how. */
export function Confidence({ confidence: { value, parts, calibration, basis } }: { confidence: ConfidenceData }) {
  const missing = Object.keys(partNames).filter((name) => !parts.some((part) => part.name === name))
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Confidence: {value === null ? 'not measured' : percent(value)}</h3>
      <p className="text-sm text-ink-soft first-letter:uppercase">{basis}.</p>
      {calibration && (
        <p className="text-sm text-ink-soft">
          Measured as {percent(calibration.raw)} before {calibration.ratedAnswers} ratings corrected it.
        </p>
      )}
      <ul className="flex flex-col gap-2 text-sm">
        {parts.map((part) => (
          <li key={part.name}>
            <div className="flex justify-between gap-4">
              <span>{partNames[part.name]}</span>
              <span className="tabular-nums">{percent(part.value)}</span>
            </div>
            <p className="break-words text-ink-faint first-letter:uppercase">{part.basis}</p>
          </li>
        ))}
      </ul>
      {parts.length > 0 && missing.length > 0 && (
        <p className="text-sm text-ink-faint">
          Not measured: {missing.map((name) => partNames[name as ConfidencePart['name']].toLowerCase()).join(', ')}.
        </p>
      )}
    </section>
  )
}

const verdicts: Record<
  CritiqueData['sentences'][number]['verdict'],
  { words: string; Icon: LucideIcon; tone: string }
> = {
  supported: { words: 'Supported', Icon: Check, tone: 'text-accent' },
  unsupported: { words: 'Not supported', Icon: X, tone: 'text-danger' },
  unchecked: { words: 'Not checked', Icon: CircleDashed, tone: 'text-ink-faint' },
}

/** Each sentence of the answer and whether the passages say it, in words and not by colour alone. */
export function Critique({ critique: { by, model, sentences, basis } }: { critique: CritiqueData }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Sentence by sentence</h3>
      <p className="text-sm text-ink-soft">
        Checked by {by === 'model' ? (model ?? 'a model') : 'a fixed rule'}: {basis}.
      </p>
      <ol className="flex flex-col gap-2 text-sm">
        {sentences.map(({ text, verdict, support, sources }, index) => {
          const { words, Icon, tone } = verdicts[verdict]
          return (
            <li key={index} className="flex gap-2">
              <Icon aria-hidden className={classNames('mt-0.5 size-4 shrink-0', tone)} />
              <div className="min-w-0">
                <p className="break-words">{text}</p>
                <p className="text-ink-faint">
                  <span className={tone}>{words}</span>
                  {support !== null && `, measured as ${support.toFixed(2)}`}
                  {sources.length > 0 && (verdict === 'supported' ? ', by ' : ', but said by ')}
                  {sources.map((number) => `[${number}]`).join(' ')}
                </p>
              </div>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** What was computed on tables, as it was carried out. */
export function Computations({ computations }: { computations: ComputationData[] }) {
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold">Computed on tables</h3>
      {computations.map(({ step, document, sheet, query, rowCount, tableRows, by }) => (
        <div key={step} className="flex flex-col gap-2 rounded-lg border border-line p-3 text-sm">
          <p className="font-medium break-words">{sheet ? `${document.title}, sheet ${sheet}` : document.title}</p>
          <code className="font-mono text-sm break-words whitespace-pre-wrap">{query}</code>
          <Figures
            rows={[
              ['Asked by', by === 'rules' ? 'fixed rules' : 'a model'],
              ['Rows looked at', String(tableRows)],
              ['Rows of the result', String(rowCount)],
            ]}
          />
        </div>
      ))}
    </section>
  )
}
