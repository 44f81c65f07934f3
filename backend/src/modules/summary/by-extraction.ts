import type { Call } from '../../call.ts'
import { createCitationReader } from '../citations.ts'
import { wantedLength } from '../length.ts'
import type { Finding, Task } from '../module.ts'
import { extract, type Extracted } from './extract.ts'
import type { Material, Piece } from './material.ts'
import { createNumbers } from './numbering.ts'

const decided =
  /\b(?:decid\w*|agreed?|let'?s|we(?:'ll| will)|chose[n]?|settled?|go with|beschl\w*|entsch\w*|vereinbar\w*|acord\w*|hemos|décid\w*|conven\w*)/i
const asksForDecisions = /\b(?:decide|agree|settle|beschlossen|entschieden|vereinbart|decidi|acorda|décidé|convenu)/i

/** Summarises without a language model: the telling sentences, verbatim, in their order, and said to be just that. */
export async function* summariseByExtraction(call: Call, task: Task, material: Material): AsyncGenerator<Finding> {
  const { sentences: wantedSentences, points, words, manner } = wantedLength(task.question)
  const count = wantedSentences ?? points ?? (words === undefined ? undefined : Math.max(1, Math.round(words / 22)))
  const read = { parts: 0 }
  async function* pieces(): AsyncGenerator<Piece> {
    for (const part of material.parts) {
      const some = await part.pieces()
      if (some.length > 0) read.parts++
      yield* some
    }
  }
  const { chosen, sentences } = await extract(pieces(), {
    count: count ?? (manner === 'brief' ? 3 : undefined),
    title: material.name,
    ...(asksForDecisions.test(task.question) ? { wanted: decided } : {}),
    signal: call.signal,
  })
  if (chosen.length === 0) {
    yield { type: 'text-delta', delta: `There are no sentences in ${material.name} to summarise.` }
    yield { type: 'report', summary: 'Nothing to summarise' }
    return
  }
  const numbers = createNumbers(task.evidence.passages)
  const paragraphs = [
    // In words that the check of the answer knows as ours, not as the document's.
    chosen.length === sentences
      ? `Here is all of ${material.name}, which is this short:`
      : `Here is ${material.name} in ${chosen.length} of its ${sentences.toLocaleString('en')} sentences, word for word and in their order:`,
    ...chosen.map((sentence) => quoted(sentence, numbers)),
    'I have made an extract: it holds the sentences that share most with the others, and none was rewritten; a language model would put it in new words.',
  ]
  const whole = paragraphs.join('\n\n')
  const said = task.continueFrom ?? ''
  const rest = said !== '' && whole.startsWith(said) ? whole.slice(said.length) : whole
  const citations = createCitationReader(numbers.passages)
  for (const delta of rest.split(/(?<=\n\n)/)) {
    if (call.signal.aborted) return
    yield { type: 'text-delta', delta }
    yield* citations.add(delta)
  }
  if (numbers.own.length > 0) yield { type: 'passages', hits: [...numbers.own] }
  if (read.parts < material.partsTotal) {
    const message = `${read.parts.toLocaleString('en')} of ${material.partsTotal.toLocaleString('en')} parts of ${material.name} were read, ${
      read.parts < material.parts.length
        ? 'because it was replaced while it was read. Ask again.'
        : 'spread evenly over it, because it is too long to be read whole.'
    }`
    yield { type: 'notice', level: 'warning', code: 'partly_read', message }
  }
  yield {
    type: 'report',
    model: 'nitro-offline',
    summary: `Chose ${chosen.length} of ${sentences.toLocaleString('en')} sentences of ${material.name} (LexRank)`,
  }
}

function quoted({ text, piece }: Extracted, numbers: ReturnType<typeof createNumbers>): string {
  const words = text
    .replace(/\s*\[\d{1,3}\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^>\s*/, '')
  const number = piece.hit && numbers.of(piece.hit)
  return `> ${piece.speaker === undefined ? '' : `**${piece.speaker === 'user' ? 'You' : 'NitroAGI'}:** `}${words}${number === undefined ? '' : ` [${number}]`}`
}
