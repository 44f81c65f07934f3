import type { Term } from '../../terms.ts'

const numberWords: Record<string, string> = {
  ...{ one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9', ten: '10' },
  ...{ eleven: '11', twelve: '12', thirteen: '13', fourteen: '14', fifteen: '15', sixteen: '16', seventeen: '17' },
  ...{ eighteen: '18', nineteen: '19', twenty: '20', thirty: '30', forty: '40', fifty: '50', sixty: '60' },
  ...{ seventy: '70', eighty: '80', ninety: '90' },
}
const spelledOut = new RegExp(`\\b(?:${Object.keys(numberWords).join('|')})\\b`, 'gi')

/** The numbers of a text, whichever way they are written: "1,000" is 1000, "three" is 3. "One" alone is mostly none. */
export function figuresIn(text: string): Set<string> {
  const written = text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []
  const spelled = text.match(spelledOut) ?? []
  return new Set([
    ...written.map((figure) => figure.replaceAll(',', '').replace(/^0+(?=\d)/, '')),
    ...spelled.map((word) => numberWords[word.toLowerCase()]!).filter((figure) => figure !== '1'),
  ])
}

/** A word that denies, and the telling words after it that it denies. */
export interface Negation {
  denied: string[]
}

const denying =
  /^(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|lack(?:s|ed|ing)?|fail(?:s|ed|ing)?|refus(?:e|es|ed|ing)|exclud(?:e|es|ed|ing)|den(?:y|ies|ied)|unable|absent|absence|unlike|nicht|kein(?:e|en|em|er|es)?|nie|niemals|ohne|jamais|aucun(?:e)?|nunca|ningún|ninguna|sin|mai|não|не|нет|ни|никогда)$|n['’]t$/iu
const deniedAtMost = 4

export function negationsIn(terms: readonly Term[]): Negation[] {
  return terms.flatMap(({ word }, at) =>
    denying.test(word)
      ? [
          {
            denied: terms
              .slice(at + 1, at + 8)
              .filter(({ isCommon }) => !isCommon)
              .slice(0, deniedAtMost)
              .map(({ stem }) => stem),
          },
        ]
      : [],
  )
}

/** Words that change a statement into its opposite and share no letters with it. */
const contraries: readonly (readonly [string, string])[] = [
  ['before', 'after'],
  ['more', 'less'],
  ['more', 'fewer'],
  ['most', 'least'],
  ['over', 'under'],
  ['above', 'below'],
  ['with', 'without'],
  ['first', 'last'],
  ['always', 'never'],
  ['all', 'none'],
  ['increased', 'decreased'],
  ['increase', 'decrease'],
  ['increases', 'decreases'],
  ['higher', 'lower'],
  ['highest', 'lowest'],
  ['larger', 'smaller'],
  ['largest', 'smallest'],
  ['rose', 'fell'],
  ['won', 'lost'],
  ['north', 'south'],
  ['northern', 'southern'],
  ['east', 'west'],
  ['eastern', 'western'],
  ['begin', 'end'],
  ['began', 'ended'],
  ['early', 'late'],
  ['true', 'false'],
  ['allowed', 'forbidden'],
  ['may', 'must'],
]
const contrary = new Map<string, string[]>()
for (const [one, other] of contraries) {
  contrary.set(one, [...(contrary.get(one) ?? []), other])
  contrary.set(other, [...(contrary.get(other) ?? []), one])
}

/** Whether one says "before" where the other says "after". */
export function saysContrary(stated: ReadonlySet<string>, found: ReadonlySet<string>): boolean {
  return [...stated].some(
    (word) => !found.has(word) && (contrary.get(word) ?? []).some((other) => found.has(other) && !stated.has(other)),
  )
}
