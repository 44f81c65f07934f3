import type { ReactNode } from 'react'
import type { ArmFigures, Learning, LearningReport as Report, ScoreWeights } from '@nitroagi/shared/learning'
import { share } from './figures.ts'

const partNames: readonly (readonly [part: keyof ScoreWeights, words: string])[] = [
  ['capability', 'How well a module does such a task'],
  ['success', 'Its recent success'],
  ['capacity', 'Its free places'],
  ['health', 'Its health'],
]

/** What the newest round of learning saw, and what it changed. */
export function LearningReport({ report, learning }: { report: Report; learning: Learning }) {
  const { ratedAnswers, up, arms, choices, estimate } = report
  const missing = learning.ratedAnswersNeeded - ratedAnswers
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-[65ch] text-sm text-ink-soft">
        {ratedAnswers === 0
          ? 'No answer of the last 90 days was rated, so everything is as at the start.'
          : `${ratedAnswers} rated ${ratedAnswers === 1 ? 'answer' : 'answers'}, ${up} of them with a thumb up.`}
        {missing > 0 && ` With ${missing} more, what people like may be preferred to the rules’ choice.`}
      </p>
      <Weights now={learning.weights} before={report.weights.before} starting={learning.startingWeights} />
      {arms.length > 0 && <Arms arms={arms} />}
      {choices.logged > 0 && (
        <p className="max-w-[65ch] text-sm text-ink-soft">
          Of {choices.logged} answers for which there was a choice, {choices.changed} would now be made in another way.{' '}
          {estimate.after !== null && estimate.before !== null
            ? `Thumbs up: ${share(estimate.before)} before, an estimated ${share(estimate.after)} after. ${estimate.basis}.`
            : `${estimate.basis}.`}
        </p>
      )}
    </div>
  )
}

const figure = 'py-2 pr-4 text-right tabular-nums last:pr-0'
const heading = 'py-2 pr-4 font-medium last:pr-0'

function Weights({ now, before, starting }: Record<'now' | 'before' | 'starting', ScoreWeights>) {
  return (
    <Table label="What counts in the choice of a module">
      <thead className="text-ink-faint">
        <tr>
          <th className={heading}>What counts in the choice of a module</th>
          <th className={`${heading} text-right`}>Now</th>
          <th className={`${heading} text-right`}>Before</th>
          <th className={`${heading} text-right`}>At the start</th>
        </tr>
      </thead>
      <tbody>
        {partNames.map(([part, words]) => (
          <tr key={part} className="border-t border-line">
            <th scope="row" className="py-2 pr-4 font-medium">
              {words}
            </th>
            {[now, before, starting].map((weights, index) => (
              <td key={index} className={figure}>
                {weights[part].toFixed(3)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Arms = ({ arms }: { arms: ArmFigures[] }) => (
  <Table label="Thumbs by kind of question">
    <thead className="text-ink-faint">
      <tr>
        <th className={heading}>Kind of question</th>
        <th className={heading}>Module</th>
        <th className={heading}>Model</th>
        <th className={heading}>Strategy</th>
        <th className={`${heading} text-right`}>Rated</th>
        <th className={`${heading} text-right`}>Thumbs up</th>
        <th className={`${heading} text-right`}>Expected</th>
      </tr>
    </thead>
    <tbody>
      {arms.map(({ kind, module, model, strategy, rated, up, expected }) => (
        <tr key={`${kind} ${module} ${model} ${strategy}`} className="border-t border-line">
          <th scope="row" className="py-2 pr-4 font-medium">
            {kind}
          </th>
          <td className="py-2 pr-4 text-ink-soft">{module}</td>
          <td className="py-2 pr-4 text-ink-soft">{model ?? '–'}</td>
          <td className="py-2 pr-4 text-ink-soft">{strategy}</td>
          <td className={figure}>{rated}</td>
          <td className={figure}>{share(up / rated)}</td>
          <td className={figure}>{share(expected)}</td>
        </tr>
      ))}
    </tbody>
  </Table>
)

const Table = ({ label, children }: { label: string; children: ReactNode }) => (
  // Wider than a phone; without a place in the tab order nobody could scroll it by keyboard.
  <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto">
    <table className="w-full min-w-max text-left text-sm">{children}</table>
  </div>
)
