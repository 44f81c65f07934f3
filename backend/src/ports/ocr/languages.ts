import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Where the data of a language stands; undefined when its package is not installed. */
export function languageFile(language: string): string | undefined {
  try {
    // The package has no types of its own. It names its data for the older engine too; beside that stands the one for
    // this engine, a quarter of its size.
    const { langPath } = require(`@tesseract.js-data/${language}`) as { langPath: string }
    const file = join(dirname(langPath), '4.0.0_best_int', `${language}.traineddata.gz`)
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' })

/** "English, German". Scripts have a code of their own: chi_sim. */
export const languageNames = (languages: readonly string[]): string =>
  languages.map((language) => names.of(language.split('_')[0]!) ?? language).join(', ')
