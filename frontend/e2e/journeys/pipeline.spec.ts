import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

const creatures = ['otter', 'heron', 'badger', 'falcon', 'salmon', 'weasel', 'lizard']
/** Long enough to look at while it is indexed. */
const book = Array.from(
  { length: 200 },
  (_, chapter) =>
    `## Chapter ${chapter + 1}\n\n` +
    Array.from(
      { length: 14 },
      (_, line) => `In year ${1200 + chapter} the ${creatures[(chapter + line) % 7]} crossed river number ${line + 1}.`,
    ).join(' '),
).join('\n\n')

test('a document is watched, paused, resumed, and put right by hand', async ({ page, signUpPage, knowledgePage }) => {
  // It is indexed here, however busy the machine is.
  test.setTimeout(720_000)
  await signUpPage.createFirstAccount()
  await knowledgePage.open()
  await knowledgePage.upload({ name: 'book.md', mimeType: 'text/markdown', buffer: Buffer.from(book) })
  const row = knowledgePage.row('book.md')

  await test.step('how far it is, how fast, and how long it takes', async () => {
    await expect(row).toContainText(/Indexing [\d,]+ of [\d,]+ passages · [\d.]+ passages? a (second|minute) · .* left/)
  })

  await test.step('a refresh shows the same', async () => {
    await page.reload()
    await expect(row).toContainText(/Indexing [\d,]+ of [\d,]+ passages/)
    await expect(row.getByRole('progressbar')).toBeVisible()
  })

  await test.step('it is paused and goes on where it was', async () => {
    await page.getByRole('button', { name: 'Pause book.md' }).click()
    await expect(row).toContainText(/Paused at [\d,]+ of [\d,]+ passages/)
    await expectUsable(page, 'a paused document')
    await page.reload()
    await expect(row).toContainText('Paused at')
    await row.getByRole('button', { name: 'Resume' }).click()
    await expect(row).toContainText(/Indexing [1-9]/)
    await knowledgePage.waitUntilReady('book.md', 300_000)
  })

  await test.step('a page is put right, and found by its new words', async () => {
    await row.getByRole('link').click()
    await page.getByRole('button', { name: 'Edit this page' }).click()
    await expectUsable(page, 'editing a page')
    await page.getByRole('textbox', { name: /^Text of/ }).fill('Zephyrine the walrus guards the northern archive.')
    await page.getByRole('button', { name: 'Save this page' }).click()
    await expect(page.getByText('Edited by hand')).toBeVisible({ timeout: 180_000 })
    await expect(page.getByText('Zephyrine the walrus')).toBeVisible()
    await expectUsable(page, 'a document')
    await knowledgePage.open()
    await knowledgePage.search('Who guards the northern archive?')
    await expect(page.getByRole('region', { name: 'Search results' })).toContainText('Zephyrine the walrus')
  })

  await test.step('the same name again is asked about', async () => {
    await page.getByRole('button', { name: 'Clear the search' }).click()
    await knowledgePage.upload({ name: 'book.md', mimeType: 'text/markdown', buffer: Buffer.from('# A short one') })
    await expect(page.getByText('Is this a new version of it, or another one?')).toBeVisible()
    await page.getByRole('button', { name: 'Keep both' }).click()
    await knowledgePage.waitUntilReady('book (2).md')
  })

  await test.step('many are tagged and filtered at once', async () => {
    await page.getByLabel('Select all that are shown').check()
    await page.getByRole('group', { name: 'With those selected' }).getByRole('button', { name: 'Tag' }).click()
    await page.getByRole('textbox', { name: 'Tag' }).fill('Rivers')
    await page.getByRole('button', { name: 'Add it' }).click()
    await expect(row.first()).toContainText('rivers')
    await page.getByLabel('Filter by name').fill('(2)')
    await expect(page.getByRole('list', { name: /^Documents in/ }).getByRole('link')).toHaveText(['book (2).md'])
    await expectUsable(page, 'filtered documents')
  })
})
