import { NitroError } from '@nitroagi/shared/errors'

/** The dictionary takes 17 MB, so it is loaded when somebody chooses a password. */
const loadCommon = async () => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}
let common: ReturnType<typeof loadCommon> | undefined

/** Throws `password_common` for what would be tried first. How long a password must be, its schema says. */
export async function checkPassword(password: string, email: string): Promise<void> {
  const words = password.normalize('NFKC').toLowerCase()
  const [localPart = ''] = email.split('@')
  common ??= loadCommon()
  const known = await common
  const isKnown = (word: string) =>
    word === '' || word === localPart || word === email || /^nitro(agi)?$/.test(word) || known.has(word)
  // Guessing programs put digits and marks around the words of their lists, and write them twice.
  if (isKnown(words) || isRow(words) || isKnown(repeated(words)) || isKnown(repeated(withoutFrill(words)))) {
    throw new NitroError(
      'password_common',
      'This password is among the first that anybody would try. Choose another: three or four words that do not belong together, for instance.',
    )
  }
}

/** What it is without the digits and marks around it, as long as they are few enough to be guessed. */
function withoutFrill(words: string): string {
  const core = words.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return words.length - core.length <= 8 ? core : words
}

/** What it is a repetition of; empty for so few characters that it does not matter which. */
function repeated(words: string): string {
  const length = (words + words).indexOf(words, 1)
  return length <= 4 && length < words.length ? '' : words.slice(0, length)
}

/** `abcdefghijkl`, `987654321098` */
function isRow(words: string): boolean {
  const codes = Array.from(words, (character) => character.codePointAt(0)!)
  const steps = codes.slice(1).map((code, index) => code - codes[index]!)
  const isStep = (step: number, by: number) => step === by || step === -9 * by
  return [1, -1].some((by) => steps.every((step) => isStep(step, by)))
}
