import type { EvaluationReason, EvaluationRun } from '@nitroagi/shared/evaluation'

export const percent = (share: number | null): string =>
  share === null ? 'not measured' : `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`

export const mean = (value: number | null): string => (value === null ? 'not measured' : value.toFixed(3))

export const place = (rank: number | null): string => (rank === null ? 'not among ten' : `place ${rank}`)

export const moment = (iso: string): string =>
  new Date(iso).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })

export const reasons: Record<EvaluationReason, string> = {
  asked: 'Asked for',
  first: 'The first time',
  settings: 'After a change of settings',
  documents: 'After a change of documents',
}

/** What search was made with, in a line. */
export const settingsOf = ({ settings }: Pick<EvaluationRun, 'settings'>): string =>
  `${settings.embeddingModel}, passages of ${settings.chunkProfile.targetCharacters.toLocaleString('en')} characters`
