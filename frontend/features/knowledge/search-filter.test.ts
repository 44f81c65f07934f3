import { expect, it } from 'vitest'
import { choiceOf, filterOf } from './search-filter.ts'

const chosenIn = (query: string) => choiceOf(new URLSearchParams(query))

it('narrows a search to what stands in the address', () => {
  const id = '0b5c4f0e-6a55-4c3e-9a53-6f2f4b1f7d11'
  const filter = filterOf(chosenIn(`in=${id}&kind=Tables&tags=People,%20people,Boats&from=2031-05-01&to=2031-05-31`))
  expect(filter).toMatchObject({ collectionIds: [id], tags: ['people', 'boats'] })
  expect(filter.mediaTypes).toContain('text/csv')
  const days = (Date.parse(filter.to!) - Date.parse(filter.from!)) / 86_400_000
  expect(days, 'the last day is in it').toBeCloseTo(31, 0)
})

it('leaves out what an address says that nobody could have chosen', () => {
  expect(chosenIn('in=everything&kind=Secrets&tags=%20,&from=soon&to=2031-13-45')).toEqual({})
  expect(filterOf({})).toEqual({})
})
