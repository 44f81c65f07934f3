import { fourPages } from '../pages/knowledge-page.ts'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

const text = (name: string, words: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(words) })
const tides = {
  name: 'tides.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from('Harbour,Keeper,Height of the tide\nSkerry,Ann Baird,4.2 metres\nDunmore,Ian Ross,3.9 metres\n'),
}

test('a search is narrowed, explained, and says what became of a document that is missed', async ({
  page,
  signUpPage,
  knowledgePage,
}) => {
  await signUpPage.createFirstAccount()
  await knowledgePage.open()
  const results = page.getByRole('region', { name: 'Search results' })
  const found = (name: string) => results.getByRole('button', { name, exact: true })

  await test.step('documents of several kinds, in two collections, one with a tag', async () => {
    await knowledgePage.upload(
      text('keepers.txt', 'The keeper of Skerry was Ann Baird. She kept the lamp from 1928 on.'),
    )
    await knowledgePage.waitUntilReady('keepers.txt')
    await knowledgePage.upload(tides)
    await knowledgePage.waitUntilReady('tides.csv')
    await knowledgePage.row('keepers.txt').getByRole('link').click()
    await page.getByRole('button', { name: 'Name and tags' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Tags').fill('people')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog).toBeHidden()
    await knowledgePage.open()
    await knowledgePage.createCollection({ name: 'Lighthouses' })
    await knowledgePage.upload(fourPages)
    await knowledgePage.waitUntilReady('four-pages.pdf')
  })

  await test.step('it looks everywhere', async () => {
    await knowledgePage.search('Who was the keeper of Skerry?')
    await expect(found('keepers.txt').first()).toBeVisible()
    await expect(found('tides.csv').first()).toBeVisible()
    await expectUsable(page, 'a search')
  })

  await test.step('each filter narrows it', async () => {
    const filters = page.getByRole('group', { name: 'Narrow the search' })
    await filters.getByLabel('Kind of document').selectOption('Tables')
    await expect(found('keepers.txt')).toHaveCount(0)
    await expect(found('tides.csv').first()).toBeVisible()
    await filters.getByRole('button', { name: 'Search everywhere' }).click()
    await filters.getByLabel('Tags, separated by commas').fill('People')
    await page.keyboard.press('Enter')
    await expect(found('tides.csv')).toHaveCount(0)
    await expect(found('keepers.txt').first()).toBeVisible()
    await page.reload()
    await expect(filters.getByLabel('Tags, separated by commas')).toHaveValue('People')
    await filters.getByRole('button', { name: 'Search everywhere' }).click()
    await filters.getByLabel('From').fill('2100-01-01')
    await expect(page.getByText('Nothing that the filters leave fits this')).toBeVisible()
    await expectUsable(page, 'a search that finds nothing')
    await filters.getByRole('button', { name: 'Search everywhere' }).click()
    await filters.getByLabel('Collection').selectOption('Lighthouses')
    await expect(found('keepers.txt')).toHaveCount(0)
    await filters.getByRole('button', { name: 'Search everywhere' }).click()
    await expect(found('keepers.txt').first()).toBeVisible()
  })

  await test.step('a result says why it is one', async () => {
    const hit = results.getByRole('listitem').filter({ hasText: 'Ann Baird. She' })
    await hit.getByRole('button', { name: 'Why this result' }).click()
    await expect(hit.getByText('Words of the question in it:')).toContainText('keeper')
    await expect(hit.getByText(/number 1 by words/)).toBeVisible()
    await expectUsable(page, 'why this result')
  })

  await test.step('a document that is missed is asked about', async () => {
    const filters = page.getByRole('group', { name: 'Narrow the search' })
    await filters.getByLabel('Kind of document').selectOption('Tables')
    await page.getByRole('button', { name: 'Why is my document not here?' }).click()
    const dialog = page.getByRole('dialog', { name: 'Why is my document not here?' })
    await dialog.getByLabel('Part of its name').fill('keepers')
    await dialog.getByRole('button', { name: 'keepers.txt' }).click()
    await expect(dialog.getByText('Take the filter away to find it.')).toBeVisible()
    await expectUsable(page, 'why a document is not there')
    await page.keyboard.press('Escape')
  })
})
