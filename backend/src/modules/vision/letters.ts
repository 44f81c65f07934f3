import { NitroError } from '@nitroagi/shared/errors'
import type { Call } from '../../call.ts'
import type { Ocr } from '../../ports/ocr/port.ts'
import type { Finding } from '../module.ts'
import type { Picture } from './prompt.ts'

/** The lines that answer a question best, best first; none when no line is about it. */
export type NearestLines = (question: string, lines: readonly string[]) => string[]

interface Asked {
  question: string
  pictures: readonly Picture[]
  /** Why nobody looked at the pictures. */
  why: string
  continueFrom: string | undefined
}

interface ReadPicture {
  name: string
  lines: string[]
  confidence: number | null
  failure?: NitroError
}

/** Of one answer; all of it goes to the steps that follow. */
const shownCharacters = 6_000

const basis = (id: string) => `how sure ${id} is of the letters that it read, as it says itself; not of the answer`

/** Without a model that sees: the letters in the pictures, quoted, and no word about anything else. */
export async function* readLetters(
  call: Call,
  ocr: Ocr,
  nearestLines: NearestLines,
  { question, pictures, why, continueFrom }: Asked,
): AsyncGenerator<Finding> {
  yield { type: 'report', model: ocr.id, usage: { inputTokens: 0, outputTokens: 0, estimated: false, costUsd: 0 } }
  const read: ReadPicture[] = []
  for (const picture of pictures) read.push(await readOne(call, ocr, picture))
  const failed = read.filter(({ failure }) => failure !== undefined)
  if (failed.length === read.length && failed[0]?.failure) throw failed[0].failure
  for (const { name, lines } of read) {
    if (lines.length > 0) yield { type: 'reading', reading: { name, kind: 'image', text: lines.join('\n') } }
  }
  const answer = [
    ...read.flatMap((picture) => told(picture, nearestLines(question, picture.lines), read.length > 1)),
    `Only letters were read, in ${ocr.language}; what else can be seen was not looked at. ${why}`,
  ].join('\n\n')
  const delta = restOf(answer, continueFrom)
  if (delta !== '') yield { type: 'text-delta', delta }
  const lines = read.reduce((sum, picture) => sum + picture.lines.length, 0)
  const sure = read.flatMap(({ confidence }) => confidence ?? [])
  yield {
    type: 'report',
    summary: `Read ${lines === 1 ? 'one line' : `${lines} lines`} of text in ${read.length === 1 ? read[0]!.name : `${read.length} pictures`}`,
    ...(sure.length === 0 ? {} : { confidence: Math.min(...sure), confidenceBasis: basis(ocr.id) }),
  }
}

async function readOne(call: Call, ocr: Ocr, { name, bytes }: Picture): Promise<ReadPicture> {
  try {
    return { name, ...(await ocr.read(bytes, call.signal)) }
  } catch (error) {
    if (call.signal.aborted || !(error instanceof NitroError)) throw error
    return { name, lines: [], confidence: null, failure: error }
  }
}

function told({ name, lines, failure }: ReadPicture, nearest: readonly string[], isOneOfMany: boolean): string[] {
  const called = `“${inLine(name)}”`
  if (failure) return [`${called} could not be read: ${failure.message}`]
  if (lines.length === 0) return [`I found no text in ${called}.`]
  const text = lines.join('\n')
  const shown =
    text.length > shownCharacters ? `${text.slice(0, shownCharacters)}\n… (${lines.length} lines in all)` : text
  const isAll = nearest.length === 0 || lines.length <= nearest.length
  return [
    ...(isAll ? [] : [`Nearest to your question${isOneOfMany ? `, in ${called}` : ''}:`, quoted(nearest.join('\n'))]),
    isAll ? `This is written in ${called}:` : `All that is written in ${called}:`,
    quoted(shown),
  ]
}

/** In a block of code, so that nothing in a picture is taken for Markdown or a link. */
function quoted(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}

const inLine = (name: string) => name.replace(/[\\`*_[\]<>]/g, (character) => `\\${character}`)

/** The same picture gives the same words, so an answer that was cut off is carried on exactly. */
function restOf(answer: string, said = ''): string {
  if (said === '') return answer
  if (answer === said) return '\n\nThat was the whole answer.'
  return answer.startsWith(said) ? answer.slice(said.length) : `\n\n${answer}`
}
