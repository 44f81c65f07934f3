/**
 * Encodings from before UTF-8 say nowhere what they are. Read in the right one, most letters are those that its
 * languages use most; in a wrong one they are rare ones, or none at all.
 */
const encodings = [
  {
    name: 'gb18030',
    script: /\p{Script=Han}/u,
    common: chars('的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年'),
    least: 0.1,
  },
  {
    name: 'big5',
    script: /\p{Script=Han}/u,
    common: chars('的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年'),
    least: 0.1,
  },
  {
    name: 'shift_jis',
    script: /[\p{Script=Han}\u3040-\u30FF]/u,
    common: chars('のにはをたがでてとしれさいあるなよまもこきりくっ'),
    least: 0.2,
  },
  {
    name: 'euc-jp',
    script: /[\p{Script=Han}\u3040-\u30FF]/u,
    common: chars('のにはをたがでてとしれさいあるなよまもこきりくっ'),
    least: 0.2,
  },
  {
    name: 'euc-kr',
    script: /\p{Script=Hangul}/u,
    common: chars('이다는을의에가하고지기한로사도리를은대시인어나자수'),
    least: 0.12,
  },
  { name: 'windows-1251', script: /\p{Script=Cyrillic}/u, common: chars('оеаинтсрвл'), least: 0.45 },
  { name: 'koi8-r', script: /\p{Script=Cyrillic}/u, common: chars('оеаинтсрвл'), least: 0.45 },
  { name: 'windows-1253', script: /\p{Script=Greek}/u, common: chars('αοιετσνρηυς'), least: 0.45 },
  { name: 'windows-1255', script: /\p{Script=Hebrew}/u, common: chars('יוהלארתבמש'), least: 0.45 },
  { name: 'windows-1256', script: /\p{Script=Arabic}/u, common: chars('اليمونرتبة'), least: 0.45 },
] as const

function chars(all: string): ReadonlySet<string> {
  return new Set(all)
}

const sampleBytes = 40_000
/** Fewer letters than this could be anything. */
const lettersAtLeast = 6

/** Undefined when none fits: it is one of the languages that write with Latin letters, or nothing that one knows. */
export function oldEncoding(bytes: Uint8Array): string | undefined {
  let best: { name: string; score: number } | undefined
  for (const { name, script, common, least } of encodings) {
    const text = decodeWhole(bytes.subarray(0, sampleBytes), name)
    // White space and punctuation of the script's own say nothing.
    const letters = text && [...text].filter((character) => character > '\u007F' && !/[\p{P}\p{Z}]/u.test(character))
    if (!letters || letters.length < lettersAtLeast) continue
    const isScript = letters.filter((character) => script.test(character)).length >= letters.length * 0.85
    const score = letters.filter((character) => common.has(character)).length / letters.length / least
    if (isScript && score >= 1 && score > (best?.score ?? 0)) best = { name, score }
  }
  return best?.name ?? (isPolish(bytes.subarray(0, sampleBytes)) ? 'windows-1250' : undefined)
}

function decodeWhole(bytes: Uint8Array, name: string): string | undefined {
  try {
    // The sample may end within a character.
    return new TextDecoder(name, { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
  }
}

/** All of its letters that are not English are Polish, and some would be signs if it were Western European. */
function isPolish(bytes: Uint8Array): boolean {
  const letters = new TextDecoder('windows-1250').decode(bytes).match(/[^\u0000-\u007F\p{P}\p{Z}]/gu) ?? []
  const polish = letters.filter((letter) => 'ąćęłńóśźżĄĆĘŁŃÓŚŹŻ'.includes(letter)).length
  return polish >= letters.length * 0.95 && new Set(letters.filter((letter) => 'ąłżź'.includes(letter))).size >= 2
}
