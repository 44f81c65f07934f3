/** A word as search and comparison see it, and where it stands. */
export interface Term {
  /** Lower case, without its endings; two characters of a script that is written without spaces. */
  stem: string
  /** As written. */
  word: string
  start: number
  end: number
  /** Says nothing about what a text is about: "the", "which". */
  isCommon: boolean
}

const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’.,][\p{L}\p{M}\p{N}]+)*/gu
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** The terms of a text in their order. */
export function termsOf(text: string): Term[] {
  const terms: Term[] = []
  const isCommon = commonIn(text)
  for (const match of text.matchAll(wordPattern)) {
    const word = match[0]
    if (unspaced.test(word)) addBigrams(terms, word, match.index)
    else {
      const lower = word.normalize('NFKC').toLowerCase().replaceAll('’', "'")
      terms.push({
        stem: stemOf(lower),
        word,
        start: match.index,
        end: match.index + word.length,
        isCommon: isCommon(lower),
      })
    }
  }
  return terms
}

/** Characters that hold sentences together; a pair across one of them is no word. */
const chineseBreak =
  /什么|为何|为什么|怎么|怎样|如何|哪里|哪儿|哪些|哪个|哪种|哪一|多少|何时|何种|几[个年次种]|[的了是在和与及或之而被把将由于吗呢吧谁哪]/gu

function addBigrams(terms: Term[], run: string, at: number): void {
  let start = 0
  for (const mark of [...run.matchAll(chineseBreak), undefined]) {
    addPairs(terms, run.slice(start, mark?.index), at + start)
    if (mark) start = mark.index + mark[0].length
  }
}

function addPairs(terms: Term[], run: string, at: number): void {
  const characters = Array.from(run)
  let start = at
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1]
    const stem = next === undefined ? character : character + next
    const isLoneEnd = next === undefined && characters.length > 1
    if (!isLoneEnd) terms.push({ stem, word: stem, start, end: start + stem.length, isCommon: false })
    start += character.length
  }
}

/** Longer than any word that people write. */
const wordCharacters = 100

/** Light English endings; a wrong cut does no harm as long as both sides are cut alike. */
export function stemOf(lower: string): string {
  // No word has an ending there, and looking for one takes the square of its length.
  if (lower.length > wordCharacters) return lower
  let stem = lower
    .replace(/'s?$|'(?:s|re|ve|ll|d|t|m)$/, '')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
  if (stem.length < 4 || /\d/.test(stem)) return stem.replace(/[.,]/g, '')
  if (/\p{Script=Arabic}/u.test(stem))
    return stem.replace(/^[وفبكل]?ال(?=..)/u, '').replace(/(..)(?:ات|ون|ين|ها|ية|ة|ه)$/u, '$1')
  stem = stem
    .replace(/[.,]/g, '')
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh|z)es$/, '$1')
    .replace(/([^siu])s$/, '$1')
  const root = /^(.{2,}[aeiouy].*|[^aeiouy]+[aeiouy].+|[aeiou].{2,})(?:ing|ed)$/.exec(stem)?.[1]
  if (root !== undefined && root.length >= 3) stem = root.replace(/([^aeiouylsz])\1$/, '$1')
  stem = stem
    .replace(/(..)ly$/, '$1')
    .replace(/(...)(?:ation|ition)$/, '$1')
    .replace(/(....)(?:ment|ness|or|er)$/, '$1')
  return stem.replace(/(...)[ey]$/, '$1')
}

/** "geolog" and "geologist": both begin alike for most of their length. Stems of English are short already. */
export function isRelated(one: string, other: string): boolean {
  if (one === other || other.length < 4 || one.charCodeAt(0) !== other.charCodeAt(0)) return false
  const [shorter, longer] = one.length < other.length ? [one.length, other.length] : [other.length, one.length]
  let alike = 1
  while (alike < shorter && one.charCodeAt(alike) === other.charCodeAt(alike)) alike++
  if (alike >= 5) return alike >= longer * 0.6
  return alike === 4 && (one.charCodeAt(0) > 0x24f ? longer <= 6 : shorter === 4 && longer <= 6)
}

const english = wordSet(
  `a about above after again against all also although am among an and another any are as at be became because become
  been before being below between both but by came can cannot could did do does doing done down during each either else
  ever every few for from further get got had has have having he her here hers herself him himself his how however i if
  in into is it its itself just kind let like made make many may me might mine more most much must my myself name named
  neither no nor not of off on once one only onto or other our ours out over own per please same shall she should since
  so some such tell than that the their theirs them themselves then there these they this those through thus to too
  toward type under until up upon us used using very was we were what whatever when where whether which while who whom
  whose why will with within without would yes yet you your yours isn doesn didn don won aren wasn weren`,
)

const otherLanguages = [
  `der die das den dem des ein eine einer eines einem einen und oder aber als am an auf aus bei bis durch für gegen im in
  ins mit nach ohne seit über um unter vom von vor zu zum zur zwischen ist sind war waren wird werden wurde wurden hat
  haben hatte hatten kann können konnte sich nicht auch noch nur er sie es wir ihr ihre ihren ihrer sein seine seinen
  seiner dass wie was wer wen wem wessen wann wo woher wohin warum wieso weshalb welche welcher welches welchen welchem
  viel viele wieviel worauf woraus wodurch womit worin wofür gab es`,
  `el la los las un una unos unas y o u pero de del al a ante bajo con contra desde en entre hacia hasta para por según
  sin sobre tras es son era eran fue fueron ser ha han había habían se su sus le les lo no más muy qué que quién quiénes
  quien cuándo cuando dónde donde cómo como cuánto cuánta cuántos cuántas cuál cuáles cual por qué este esta esto ese esa`,
  `le la les un une des du de d l et ou mais à au aux en dans par pour sur sous avec sans entre est sont était étaient fut
  furent être a ont avait avaient se sa son ses leur leurs il elle ils elles ce cette ces qui que quoi quel quelle quels
  quelles quand où comment pourquoi combien lequel laquelle ne pas plus`,
  `il lo la i gli le un uno una e o ma di del della dei delle da dal in nel nella con su per tra fra è sono era erano fu
  furono ha hanno aveva si suo sua che chi cosa quale quali quando dove come perché quanto quanti quante non più`,
  `o a os as um uma uns umas e ou mas de do da dos das em no na nos nas por para com sem sobre entre é são era eram foi
  foram ser tem têm tinha se seu sua que quem qual quais quando onde como por quê porque quanto quantos quantas não mais`,
  `и в во не на с со к ко из у от до по за о об при для без под над между что чтобы как так это эта этот эти тот та те
  то он она оно они его её ее их был была было были быть есть кто кого кому чем чего чему когда где куда откуда почему
  зачем сколько какой какая какое какие каким какую каких каком какого какому чей ли же бы а но или также который которые`,
  `من في على إلى الى عن مع هو هي هم كان كانت كانوا أن ان إن ما ماذا متى أين اين كيف لماذا كم أي اي التي الذي الذين هذا
  هذه ذلك تلك قد لم لا لن و أو او بين بعد قبل عند ل ب التى هل`,
  `के का की को में से पर और या है हैं था थी थे हो ने कि यह वह ये वे इस उस एक क्या कौन कब कहाँ कहां कैसे क्यों कितने कितना
  कितनी किस किसने किसके किसी जो भी तो ही नहीं लिए साथ द्वारा गया गई गए किया`,
].map(wordSet)

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/))
}

/**
 * Which words are common in this text: always the English ones, and those of the language that it seems to be in.
 * "die" is common in German and telling in English, so one word does not make a language.
 */
function commonIn(text: string): (lower: string) => boolean {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []
  const hits = (language: ReadonlySet<string>) => words.reduce((count, word) => count + (language.has(word) ? 1 : 0), 0)
  let [found, most]: [ReadonlySet<string>, number] = [english, Math.max(hits(english), 1)]
  for (const language of otherLanguages) {
    const count = hits(language)
    if (count > most) [found, most] = [language, count]
  }
  if (found === english) return (lower) => english.has(lower) || english.has(lower.replace(/'.*$/, ''))
  return (lower) => found.has(lower)
}
