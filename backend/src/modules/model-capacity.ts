import type { LanguageModels } from '../ports/language-model/port.ts'

/** The share of free places at the provider that has most of them; who waits there has none left to give. */
export function freePlaces(models: LanguageModels): number {
  const shares = models
    .providers()
    .flatMap(({ status, active, waiting, places }) =>
      status === 'failing' || places === undefined ? [] : [1 - Math.min(1, (active + waiting) / places)],
    )
  return shares.length === 0 ? 1 : Math.max(...shares)
}
