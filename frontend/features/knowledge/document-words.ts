import type { Document } from '@nitroagi/shared/knowledge'

type Progress = { words: string; fraction: number | null }

/** What is happening to a document, with as much progress as is known. */
export function progressOf(document: Document): Progress | undefined {
  const { status, paused } = document
  if (status === 'ready' || status === 'failed') return undefined
  if (status === 'deleting') return { words: 'Deleting', fraction: null }
  const { at, fraction } = stageOf(document)
  if (paused) return { words: at ? `Paused at ${at}` : 'Paused before it was read', fraction: fraction ?? 0 }
  if (status === 'received') return { words: 'Waiting to be read', fraction: null }
  const verb = status === 'extracting' ? 'Reading' : 'Indexing'
  return { words: [at ? `${verb} ${at}` : verb, ...paceOf(document)].join(' · '), fraction }
}

function stageOf({ status, pagesDone, pagesTotal, chunksDone, chunksTotal }: Document) {
  if (status === 'embedding') {
    return chunksTotal
      ? { at: `${count(chunksDone)} of ${count(chunksTotal)} passages`, fraction: chunksDone / chunksTotal }
      : { at: undefined, fraction: null }
  }
  if (pagesTotal) {
    return {
      at: `page ${count(Math.min(pagesDone + 1, pagesTotal))} of ${count(pagesTotal)}`,
      fraction: pagesDone / pagesTotal,
    }
  }
  return { at: pagesDone > 0 ? `page ${count(pagesDone + 1)}` : undefined, fraction: null }
}

/** Only what was measured: nothing is said before that. */
function paceOf({ progress }: Document): string[] {
  if (!progress) return []
  const { stage, perSecond, secondsLeft } = progress
  return [
    ...(perSecond ? [rateWords(perSecond, stage === 'extracting' ? 'page' : 'passage')] : []),
    ...(secondsLeft === null ? [] : [`${durationWords(secondsLeft)} left`]),
  ]
}

function rateWords(perSecond: number, noun: string): string {
  const [rate, unit] = perSecond >= 1 ? [perSecond, 'second'] : [perSecond * 60, 'minute']
  return `${plural(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate), noun)} a ${unit}`
}

export function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const count = (number: number) => number.toLocaleString('en')
export const plural = (number: number, noun: string) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`

const kinds: Record<string, string> = {
  'text/plain': 'TXT',
  'text/markdown': 'MD',
  'message/rfc822': 'EML',
}

/** The file's kind in two to four letters, for its tile. */
export function kindOf({ name, mediaType }: Pick<Document, 'name' | 'mediaType'>): string {
  const ending = /\.([a-z0-9]{2,4})$/i.exec(name)?.[1]
  return (ending ?? kinds[mediaType] ?? mediaType.split('/')[1]?.slice(0, 4) ?? 'file').toUpperCase()
}

/** What stands in the file itself does not change by reading it again; such a document needs another file. */
export const mayWorkAgain = ({ status, error }: Pick<Document, 'status' | 'error'>): boolean =>
  status === 'failed' && !error?.code.startsWith('document_')

/** There is something to pause only while it is being worked on. */
export const mayPause = ({ status, paused }: Pick<Document, 'status' | 'paused'>): boolean =>
  !paused && (status === 'received' || status === 'extracting' || status === 'embedding')
export const mayResume = ({ status, paused }: Pick<Document, 'status' | 'paused'>): boolean =>
  paused && status !== 'deleting'
