import type { ProviderState } from '@nitroagi/shared/modules'
import { expect, it } from 'vitest'
import { createScriptedLanguageModels } from '../ports/language-model/scripted.ts'
import { createLanguageModule } from './language/language.ts'
import { freePlaces } from './model-capacity.ts'

const provider = (state: Partial<ProviderState>): ProviderState => ({
  provider: 'p',
  status: 'ok',
  calls: 0,
  failures: 0,
  active: 0,
  waiting: 0,
  places: 10,
  retryInSeconds: null,
  detail: null,
  totals: { succeeded: 0, failed: 0, abandoned: 0 },
  models: [],
  ...state,
})
const modelsOf = (...providers: ProviderState[]) => ({ ...createScriptedLanguageModels(), providers: () => providers })

it('counts calls that run and those that wait, at the provider with most room that is not failing', () => {
  expect(freePlaces(modelsOf(provider({ active: 4, waiting: 2 })))).toBeCloseTo(0.4)
  expect(freePlaces(modelsOf(provider({ active: 10, waiting: 90 })))).toBe(0)
  const failing = provider({ status: 'failing' })
  expect(freePlaces(modelsOf(provider({ active: 9 }), failing))).toBeCloseTo(0.1)
  expect(freePlaces(modelsOf())).toBe(1)
})

it('is half the story: a provider that is being tried again leaves the module neither up nor gone', async () => {
  const healthOf = (...providers: ProviderState[]) => createLanguageModule({ models: modelsOf(...providers) }).health()
  expect(await healthOf(provider({ status: 'trying' }))).toMatchObject({ status: 'down', isTrying: true })
  expect(await healthOf(provider({ status: 'failing' }))).not.toHaveProperty('isTrying')
  expect(await healthOf(provider({ status: 'failing' }), provider({}))).toMatchObject({ status: 'ok' })
})
