import { Learning, type ArmFigures, type ScoreWeights } from '@nitroagi/shared/learning'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'

export const learningActions = ['status', 'run', 'on', 'off'] as const
type LearningAction = (typeof learningActions)[number]

const path = '/api/v1/learning'

export async function careForLearning(client: Client, output: Output, action: LearningAction): Promise<void> {
  const learning = await ask(client, action)
  output.result(learning, () => describe(learning))
}

function ask(client: Client, action: LearningAction): Promise<Learning> {
  switch (action) {
    case 'status':
      return client.request(path, Learning)
    case 'run':
      return client.request(`${path}/run`, Learning, { method: 'POST' })
    case 'on':
    case 'off':
      return client.request(path, Learning, { method: 'PUT', body: { isOn: action === 'on' } })
  }
}

function describe({ isOn, version, weights, startingWeights, report, versions, ratedAnswersNeeded }: Learning): string {
  const state = !isOn
    ? 'Learning is off: the starting weights and the rules decide.'
    : version === null
      ? 'Learning is on. Nothing was learned yet: the starting weights and the rules decide.'
      : `Learning is on, version ${version} of ${versions[0]?.createdAt ?? 'unknown'}.`
  const weighed = table(
    ['WEIGHT', 'NOW', 'STARTING'],
    (Object.keys(startingWeights) as (keyof ScoreWeights)[]).map((part) => [
      part,
      weights[part].toFixed(3),
      startingWeights[part].toFixed(3),
    ]),
  )
  if (!report) return `${state}\n\n${weighed}\n\nLearn now: npm run -s nitro -- learning run`
  const rated = `${report.ratedAnswers} rated answers, ${report.up} of them thumbs up, since ${report.from}.`
  const few =
    report.ratedAnswers < ratedAnswersNeeded ? ` The rules are departed from when there are ${ratedAnswersNeeded}.` : ''
  const changed = `Of ${report.choices.logged} answers with a choice, ${report.choices.changed} would now be made in another way.`
  return [state, weighed, rated + few, ...armsOf(report.arms), `${changed}\n${estimateOf(report.estimate)}`].join(
    '\n\n',
  )
}

const armsOf = (arms: ArmFigures[]): string[] =>
  arms.length === 0
    ? []
    : [
        table(
          ['KIND', 'MODULE', 'MODEL', 'STRATEGY', 'RATED', 'THUMBS UP', 'EXPECTED'],
          arms.map((arm) => [
            arm.kind,
            arm.module,
            arm.model ?? '-',
            arm.strategy,
            String(arm.rated),
            percent(arm.up / arm.rated),
            percent(arm.expected),
          ]),
        ),
      ]

const estimateOf = ({ before, after, basis }: NonNullable<Learning['report']>['estimate']): string =>
  before === null || after === null ? basis : `Thumbs up: ${percent(before)} before, ${percent(after)} after. ${basis}.`

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
