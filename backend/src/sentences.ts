/** A stretch of a text, in UTF-16 code units. */
export interface Span {
  start: number
  end: number
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** Abbreviations after which a sentence goes on, and initials: "J. S. Bach", "U.S. troops". */
const goesOn =
  /(?:^|[\s("“])(?:[\p{L}]|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Sts|Gen|Col|Maj|Lt|Capt|Sgt|Sen|Rep|Gov|Rev|Hon|Pres|Mt|Ft|Jr|Sr|No|Nos|Nr|Vol|Fig|Figs|Eq|Sec|Ch|Art|pp?|vs|etc|al|approx|ca?|cf|e\.g|i\.e|viz|esp|inc|ltd|co|corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|z\.B|d\.h|Abs|Bd|Sr|Sra)\.\s*$/iu
const endsItself = /(?:^|\s)(?:etc|al|inc|ltd|co|corp|jr|sr)\.\s*$/i
const maxCharacters = 600

/**
 * The sentences of a text, without the blank space around them. Lines that a PDF broke in mid-sentence are joined;
 * headings and list items stay apart. A run without any end is cut at a space, so that no "sentence" is a page long.
 */
export function sentencesOf(text: string): Span[] {
  const flowing = blankFootnotes(joinLines(text))
  const spans: Span[] = []
  let open: Span | undefined
  for (const { segment, index } of segmenter.segment(flowing)) {
    const end = index + segment.length
    open = open === undefined ? { start: index, end } : { start: open.start, end }
    const said = flowing.slice(open.start, end)
    if (!said.endsWith('\n') && goesOnAfter(said, flowing.slice(end, end + 2))) continue
    addTrimmed(spans, flowing, open)
    open = undefined
  }
  if (open) addTrimmed(spans, flowing, open)
  return spans
}

function goesOnAfter(said: string, next: string): boolean {
  if (next === '') return false
  if (/^\p{Ll}/u.test(next) && /\.["”’)\]]*\s*$/.test(said)) return true
  // A capital after "etc." or "Inc." mostly begins a new sentence.
  return goesOn.test(said.slice(-24)) && !(endsItself.test(said.slice(-24)) && /^\p{Lu}/u.test(next))
}

/** "…in 2023.[4] Then": the mark belongs to neither sentence, and would hide where the first one ends. */
const blankFootnotes = (text: string): string =>
  text.replace(/(?<=[.!?。！？]["”’)]?)(?:\[\d{1,3}\])+/g, (marks) => ' '.repeat(marks.length))

/** A single line break within a sentence becomes a space, so offsets stay what they were. */
function joinLines(text: string): string {
  if (!text.includes('\n')) return text
  return text.replace(/\n/g, (_, at: number) => {
    const lineStart = text.lastIndexOf('\n', at - 1) + 1
    const line = text.slice(lineStart, at).trim()
    const next = text.slice(at + 1, at + 40).trimStart()
    const isBreak =
      line === '' ||
      text[at + 1] === '\n' ||
      text[at + 1] === '\r' ||
      /^([-*•‣▪]|#+\s|\d{1,3}[.)]\s)/.test(next) ||
      /[.!?:。！？]["”’)\]]*$/.test(line) ||
      (line.length < 40 && !/^\p{Ll}/u.test(next))
    return isBreak ? '\n' : ' '
  })
}

function addTrimmed(spans: Span[], text: string, { start, end }: Span): void {
  while (start < end && /\s/.test(text[start]!)) start++
  while (end > start && /\s/.test(text[end - 1]!)) end--
  while (end - start > maxCharacters) {
    const cut = text.lastIndexOf(' ', start + maxCharacters)
    const at = cut > start + maxCharacters / 2 ? cut : start + maxCharacters
    spans.push({ start, end: at })
    start = text[at] === ' ' ? at + 1 : at
  }
  if (end > start) spans.push({ start, end })
}
