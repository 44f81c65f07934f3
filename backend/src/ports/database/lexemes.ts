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
  return { config: languagesOf(words)[0]!.config, words, pairs }
}

/**
 * How a question is to be stemmed. It is short, so its language is a guess: the stems of every language that it may well
 * be in are asked for, the likeliest first. Those of English always are, because English names and terms are everywhere.
 */
export function configsOf({ words }: SearchText): string[] {
  const guesses = languagesOf(words)
  const [best] = guesses
  if (!best || !isLatin(words)) return [best?.config ?? 'simple']
  // Not one small word: too short to tell, and short enough to be asked for in all of them.
  const likely =
    best.score === 0
      ? latinConfigs
      : guesses
          .filter(({ score }) => score >= best.score / 2)
          .slice(0, 3)
          .map(({ config }) => config)
  return [...new Set([...likely, 'english'])]
}

const scripts: [string, RegExp][] = [
  ['russian', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['hindi', /\p{Script=Devanagari}/gu],
  ['greek', /\p{Script=Greek}/gu],
  ['tamil', /\p{Script=Tamil}/gu],
  ['armenian', /\p{Script=Armenian}/gu],
]

/** Small words that are frequent in a language, question words among them. One that many languages have says little. */
const smallWords: Record<string, Set<string>> = {
  english: words(
    'the of and to in a is are was were be been that which with for what who whom whose when where how why this these those from by have has had did does do as at it its not or can could will would should they their there than between into after during about many much did on an',
  ),
  german: words(
    'der die das und ist nicht ein eine einen einer einem eines von mit dem den des zu zur zum auf für wer wie was wann wo wen wem warum worum wogegen welche welcher welches welchen wurde wurden werden wird war waren sich auch als bei aus nach hat haben hatte sind im am es er sie ihre seine diese dieser dieses viele wenn kann können man beim einige manche gegen über durch oder noch mehr macht gibt',
  ),
  french: words(
    'le la les des et est une un dans que qui pour pas sur avec au aux du de ce cette ces quel quelle quels quelles quand où comment pourquoi combien il elle ils sont été était par plus ne se son sa ses leur leurs ou mais à en d l qu entre lors',
  ),
  spanish: words(
    'el los las la del de y es una un en que por con para se su sus al lo le les qué quién quiénes cuándo dónde cómo cuál cuáles cuántos cuántas cuánto cuánta fue fueron era eran como más son está están este esta estos estas entre pero ha han había hay sobre desde hasta también muy sin según cuando porque tiene',
  ),
  italian: words(
    'il lo gli la le i della delle dello degli del dei di che è una un uno per con non sono nel nella nei nelle chi quando dove quale quali quanti quante perché come cosa al alla ai da dal dalla si su ha hanno era stato anche più fu ed tra',
  ),
  portuguese: words(
    'o a os as do da dos das de e é um uma que não em no na nos nas para com por pelo pela qual quais quem quando onde como quantos quantas foi foram são se mais ao aos à seu sua seus suas entre também ser tem era',
  ),
  dutch: words(
    'de het een van en is niet dat die op te zijn met voor wat wie wanneer waar hoe waarom welke welk werd werden wordt aan in om bij door ook uit er naar of als heeft hebben was hun',
  ),
  swedish: words(
    'och att det som en ett är av för den till inte med om vad vem när var hur vilken vilket vilka på i de var har från kan eller under efter varför',
  ),
  danish: words(
    'og at det som en et er af for den til ikke med om hvad hvem hvornår hvor hvordan hvorfor hvilken hvilket på i de var har fra kan eller blev ved efter',
  ),
  norwegian: words(
    'og at det som en et er av for den til ikke med om hva hvem når hvor hvordan hvorfor hvilken hvilket på i de var har fra kan eller ble ved etter',
  ),
  finnish: words(
    'ja on ei että se oli ovat olivat mutta kun mitä mikä kuka milloin missä miten miksi kuinka joka jotka sen hän tai myös',
  ),
  hungarian: words(
    'a az és hogy nem egy is volt voltak ki mi mit mikor hol hogyan miért melyik hány ez azt van meg mint',
  ),
  romanian: words(
    'și în este sunt la cu pe nu un o al ale a de ce cine când unde cum care pentru din că mai fost era prin sau către câți câte lui',
  ),
  turkish: words('ve bir bu için ile da de ne kim nerede nasıl neden kaç hangi olarak olan daha çok değil zaman mi mı'),
}

/** Letters and signs that a language's neighbours do not write. */
const tellingLetters: [string, RegExp][] = [
  ['spanish', /[ñ¿¡]/giu],
  ['portuguese', /[ãõ]/giu],
  ['german', /ß/giu],
  ['romanian', /[ășțşţ]/giu],
  ['hungarian', /[őű]/giu],
  ['turkish', /[ığş]/gu],
  ['french', /[œêûùë]|\b[ldnqcs]['’]/giu],
]

const latinConfigs = Object.keys(smallWords)

const smallWordWeights = new Map<string, [string, number][]>()
for (const [config, set] of Object.entries(smallWords)) {
  for (const word of set) smallWordWeights.set(word, [...(smallWordWeights.get(word) ?? []), [config, 0]])
}
for (const found of smallWordWeights.values()) for (const entry of found) entry[1] = 1 / found.length

interface Guess {
  config: string
  score: number
}

/** The likeliest first; never empty. */
function languagesOf(text: string): Guess[] {
  const sample = text.slice(0, 2_000)
  if (!isAscii(sample)) {
    const letters = sample.match(/\p{L}/gu)?.length ?? 0
    for (const [config, pattern] of scripts) {
      if ((sample.match(pattern)?.length ?? 0) * 2 > letters) return [{ config, score: 1 }]
    }
    if (!isLatin(sample)) return [{ config: 'simple', score: 0 }]
  }
  const scores = new Map([['english', 0]])
  const add = (config: string, score: number) => scores.set(config, (scores.get(config) ?? 0) + score)
  for (const [word] of sample.toLowerCase().matchAll(/\p{L}+/gu)) {
    for (const [config, weight] of smallWordWeights.get(word) ?? []) add(config, weight)
  }
  for (const [config, pattern] of tellingLetters) {
    const count = sample.match(pattern)?.length ?? 0
    if (count > 0) add(config, Math.min(count, 3))
  }
  // English comes first among equals, because it was put in first and the order is kept.
  return [...scores].map(([config, score]) => ({ config, score })).sort((a, b) => b.score - a.score)
}

/** Whose letters are Latin, which most texts need not be looked through for. */
const isAscii = (text: string) => /^\p{ASCII}*$/u.test(text)

function isLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  return (text.match(/\p{Script=Latin}/gu)?.length ?? 0) * 2 >= letters
}

function words(list: string): Set<string> {
  return new Set(list.split(' '))
}
