import { termsOf } from '../../terms.ts'
import type { Call } from '../../call.ts'
import type { WholeDocument, WholeDocuments } from '../../ports/database/whole-documents-port.ts'

/** What a request asks to have read. */
export type Asked =
  | { kind: 'named'; documents: WholeDocument[]; /** Others that fit as well. */ others: number }
  | { kind: 'missing'; name: string }
  | { kind: 'all'; documents: WholeDocument[]; others: number }
  | { kind: 'topic'; topic: string; words: string[] }
  /** "Summarise this": nothing is named. */
  | { kind: 'nothing' }

const candidatesAtMost = 200
const documentsAtMost = 5

const fileName =
  /[^\s"“”„«»'`(]+\.(?:pdf|docx?|txt|md|csv|tsv|xlsx?|html?|jsonl?|eml|epub|pptx?|rtf|odt|xml|log)(?![\p{L}\p{N}])/giu
const quoted = /["“„«]([^"“”„«»\n]{3,120})["”“»]/gu
const allOfThem =
  /\b(?:my|our|the|all|all of my|meine|unsere|alle|die|mis|nuestros|todos (?:mis|los)|mes|nos|tous (?:mes|les)) (?:documents?|files?|knowledge|dokumente|dateien|unterlagen|documentos|archivos|fichiers)(?!\p{L})/iu
const topicAfter =
  /\b(?:documents?|files?|sources?|dokumente|unterlagen|documentos|archivos|fichiers|they|sie)\b.{0,30}?\b(?:about|on|regarding|concerning|über|zu|zum|zur|sobre|acerca de|sur|à propos de)\s+(.+)$/isu

/** Words of the request itself, which name nothing. */
const filler = new Set(
  `summarise summarize summarised summarized summary summaries sum up recap condense boil down overview gist rundown synopsis abstract tl dr tldr tl;dr
  key main most important point points takeaway takeaways finding findings message messages idea ideas please give make write create
  prepare show get send list tell need want like would could can will short brief briefly quick concise long detailed detail thorough very
  document documents file files pdf docx doc txt text page pages sentence sentences word words bullet bullets paragraph paragraphs line
  lines read whole entire all everything content contents hi hello hey now english german spanish french deutsch englisch
  this that these those it them here me us our one two three four five six seven eight nine ten say says
  fasse fass fassen zusammen zusammenfassen zusammenfassung kurz kurze knapp bitte dokument dokumente datei dateien text satz sätze sätzen
  stichpunkte stichpunkten mir uns gib mach alles ganze ganzen auf
  resume resumir resumen resúmeme resúmelo breve documento documentos archivo archivos frases frase haz dame todo puntos favor en español
  résume résumer résumé résumez document fichier fichiers phrases phrase fais donne tout bref points moi`.split(/\s+/),
)

export async function findDocuments(
  whole: WholeDocuments,
  call: Call,
  question: string,
  collectionIds: readonly string[] | undefined,
): Promise<Asked> {
  const request = question.slice(0, 600).normalize('NFC')
  const names = [...request.matchAll(fileName)].map(([name]) => name)
  const topic = topicAfter.exec(request)?.[1]
  const words = tellingWords(topic ?? request)
  const named = (asked: readonly string[], limit = candidatesAtMost) =>
    whole.named(call, { words: asked, collectionIds, limit })
  if (names.length > 0) {
    const documents = pickFull(await named(names.map((name) => name.replace(/^.*[\\/]/, ''))), request)
    return documents.length > 0
      ? { kind: 'named', documents: documents.slice(0, documentsAtMost), others: documents.length - documentsAtMost }
      : { kind: 'missing', name: names[0]! }
  }
  if (topic !== undefined && words.length > 0) return { kind: 'topic', topic: topic.trim(), words }
  if (words.length === 0) {
    if (!allOfThem.test(request)) return { kind: 'nothing' }
    const documents = await named([])
    return { kind: 'all', documents: documents.slice(0, documentsAtMost), others: documents.length - documentsAtMost }
  }
  const best = pickBest(await named(words), request, words)
  if (best) return { kind: 'named', ...best }
  const inQuotes = [...request.matchAll(quoted)][0]?.[1]
  return inQuotes === undefined ? { kind: 'topic', topic: words.join(' '), words } : { kind: 'missing', name: inQuotes }
}

/** What the request is about, without what it says about itself. */
function tellingWords(text: string): string[] {
  const words = termsOf(text).flatMap(({ word, isCommon }) => (isCommon ? [] : word.toLowerCase().split(/[.,'’]/)))
  return [...new Set(words.filter((word) => word.length > 1 && !filler.has(word) && !/^\d$/.test(word)))].slice(0, 12)
}

/** Those whose whole names stand in the request. */
const pickFull = (documents: readonly WholeDocument[], request: string): WholeDocument[] =>
  documents.filter(({ title }) => isSaid(title, request))

function isSaid(title: string, request: string): boolean {
  const name = plain(title.replace(/^.*[\\/]/, ''))
  const at = plain(request).indexOf(name)
  return name.length >= 3 && at >= 0 && !/[\p{L}\p{N}]/u.test(plain(request)[at - 1] ?? ' ')
}

const plain = (text: string) => text.normalize('NFC').toLowerCase()
const bare = (title: string) => title.replace(/^.*[\\/]/, '').replace(/\.[A-Za-z0-9]{1,5}$/, '')

/** By the share of the name that was said, and of what was said that is in the name; newest first among equals. */
function pickBest(documents: readonly WholeDocument[], request: string, words: readonly string[]) {
  const scored = documents.flatMap((document) => {
    const name = plain(bare(document.title)).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
    const telling = name.filter((part) => !/^\d+$/.test(part) && !filler.has(part))
    const saidOfName =
      telling.length === 0
        ? 0
        : telling.filter((part) => words.some((word) => isAlike(word, part))).length / telling.length
    const nameOfSaid = words.filter((word) => name.some((part) => isAlike(word, part))).length / words.length
    if (isSaid(bare(document.title), request)) return [{ document, score: 3 }]
    if (saidOfName === 1) return [{ document, score: 2 }]
    return nameOfSaid === 1 ? [{ document, score: 1 + saidOfName / 2 }] : []
  })
  const top = Math.max(0, ...scored.map(({ score }) => score))
  const best = scored.filter(({ score }) => score === top).map(({ document }) => document)
  if (best.length === 0) return undefined
  // Several names that were said whole are all meant; of several that merely fit, the newest is.
  const kept = top === 3 ? best.slice(0, documentsAtMost) : best.slice(0, 1)
  return { documents: kept, others: best.length - kept.length }
}

/** "handbooks" and "handbook". */
function isAlike(one: string, other: string): boolean {
  if (one === other) return true
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one]
  return shorter.length >= 4 && longer.length - shorter.length <= 2 && longer.startsWith(shorter)
}
