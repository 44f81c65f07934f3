/**
 * What of a text is searched for, and how its words are cut down to their stems. PostgreSQL does the stemming; it
 * cannot know the language, and it takes a run of Chinese or Thai for one long word.
 */
export interface SearchText {
  /** A text search configuration of PostgreSQL. */
  config: string
  words: string
  /** Pairs of characters of the scripts that put no spaces between words, with repetitions. */
  pairs: string[]
}

const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu

export function searchText(text: string): SearchText {
  const normal = text.normalize('NFKC').replaceAll('\0', ' ')
  const pairs: string[] = []
  const words = normal.replace(unspaced, (run) => {
    const characters = [...run]
    if (characters.length === 1) pairs.push(run)
    for (let at = 0; at + 1 < characters.length; at++) pairs.push(characters[at]! + characters[at + 1]!)
    return ' '
  })
  return { config: languageOf(words), words, pairs }
}

/** A question is short, so its language is a guess: English stems are asked for beside those of the guess. */
export function configsOf(question: SearchText): string[] {
  return question.config === 'english' || !/\p{Script=Latin}/u.test(question.words)
    ? [question.config]
    : [question.config, 'english']
}

const scripts: [string, RegExp][] = [
  ['russian', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['hindi', /\p{Script=Devanagari}/gu],
  ['greek', /\p{Script=Greek}/gu],
  ['tamil', /\p{Script=Tamil}/gu],
  ['armenian', /\p{Script=Armenian}/gu],
]

/** Small words that are frequent in one language and rare in the others, question words among them. */
const smallWords: Record<string, Set<string>> = {
  english: words(
    'the of and to is are was were that which with for what who when where how why this from by have has did does',
  ),
  german: words(
    'der die das und ist nicht ein eine einen von mit dem den des zu auf für wer wie was wann wo welche welcher welches wurde sich',
  ),
  french: words(
    'le la les des et est une dans que qui pour pas sur avec au aux du ce quel quelle quand où comment pourquoi combien',
  ),
  spanish: words('el los las del y es una que en por con para se su qué quién cuándo dónde cómo cuál cuántos fue como'),
  italian: words(
    'il lo gli della di che è una per con non sono nel dei delle chi quando dove quale quanti perché come',
  ),
  portuguese: words('o os as do da dos das e é um uma que não em para com por qual quem quando onde como quantos foi'),
  dutch: words('het een van en is niet dat op te zijn met voor wat wie wanneer waar hoe welke werd'),
  swedish: words('och att det som en är av för den till inte med om vad vem när var hur vilken ett'),
  danish: words('og at det som en er af for den til ikke med om hvad hvem hvornår hvor hvordan hvilken et'),
  norwegian: words('og at det som en er av for den til ikke med om hva hvem når hvor hvordan hvilken et'),
  finnish: words('ja on ei että se oli ovat mutta kun mitä kuka milloin missä miten'),
  hungarian: words('a az és hogy nem egy is volt ki mi mikor hol hogyan melyik'),
  romanian: words('și în este la cu pe nu un o care de ce cine când unde cum'),
  turkish: words('ve bir bu için ile da de ne kim nerede nasıl olarak'),
}

function languageOf(text: string): string {
  const sample = text.slice(0, 2_000)
  const letters = sample.match(/\p{L}/gu)?.length ?? 0
  for (const [config, pattern] of scripts) {
    if ((sample.match(pattern)?.length ?? 0) * 2 > letters) return config
  }
  if ((sample.match(/\p{Script=Latin}/gu)?.length ?? 0) * 2 < letters) return 'simple'
  const counts = new Map<string, number>()
  for (const word of sample.toLowerCase().match(/[\p{L}]+/gu) ?? []) {
    for (const [language, set] of Object.entries(smallWords)) {
      if (set.has(word)) counts.set(language, (counts.get(language) ?? 0) + 1)
    }
  }
  let best = 'english'
  for (const [language, count] of counts) if (count > (counts.get(best) ?? 0)) best = language
  return best
}

function words(list: string): Set<string> {
  return new Set(list.split(' '))
}
