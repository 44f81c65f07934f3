import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

const sentences = [
  'The keeper cleans the lamp each morning.',
  'A storm took the boat in the autumn.',
  'Gulls nest below.',
]
const diary = Array.from(
  { length: 12 },
  (_, day) => `## Day ${day + 1}\n\n${Array.from({ length: 12 }, (_, line) => sentences[line % 3]).join(' ')}`,
).join('\n\n')

test('a private collection is made, cut anew, and chosen for a conversation', async ({
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  await signUpPage.createFirstAccount()
  await knowledgePage.open()

  await test.step('only members see it', async () => {
    await knowledgePage.createCollection({ name: 'Board', description: 'What only the board reads.', isPrivate: true })
    await expect(page.getByRole('heading', { name: 'Board' })).toBeVisible()
    await expect(page.getByText('Only members', { exact: true })).toBeVisible()
    await knowledgePage.upload({ name: 'diary.md', mimeType: 'text/markdown', buffer: Buffer.from(diary) })
    await knowledgePage.waitUntilReady('diary.md')
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Board' })).toBeVisible()
  })

  await test.step('another size of its passages is tried before it is saved', async () => {
    await page.getByRole('tab', { name: 'Settings' }).click()
    const preview = page.getByRole('region', { name: 'Preview' })
    await expect(preview).toContainText('diary.md')
    await page.getByRole('spinbutton', { name: 'Size of a passage' }).fill('250')
    await expect(page.getByText('re-indexes 1 document in the background')).toBeVisible()
    await expect(preview).toContainText(/\d+ passages of \d+ to [23]\d\d characters/)
    await expectUsable(page, 'the settings of a collection')
    await page.getByRole('button', { name: 'Save and re-index' }).click()
    await expect(page.getByText('re-indexes 1 document')).toBeHidden()
    await expect(page.getByText(/^Re-indexing: /)).toBeHidden({ timeout: 180_000 })
    await page.getByRole('tab', { name: 'Documents' }).click()
    await knowledgePage.waitUntilReady('diary.md')
    await knowledgePage.row('diary.md').getByRole('link').click()
    await page.getByRole('tab', { name: 'Passages' }).click()
    await expect(page.getByRole('list', { name: 'Passages' })).toContainText(/[12]\d\d characters/)
    await expectUsable(page, 'the passages of a document')
  })

  await test.step('the last owner stays one', async () => {
    await knowledgePage.open()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await expect(page.getByText('The only owner stays one')).toBeVisible()
  })

  await test.step('a conversation draws on what is chosen for it', async () => {
    await knowledgePage.createCollection({ name: 'Recipes' })
    await expect(page.getByText('Add your first document')).toBeVisible()
    await chatPage.startNew()
    await chatPage.chooseCollections('Board')
    await expect(page.getByRole('button', { name: 'Documents to draw on: Recipes' })).toBeVisible()
    await chatPage.ask('What took the boat?')
    await chatPage.waitForStatus('complete')
    await expect(chatPage.citation(1)).toBeHidden()
    await chatPage.chooseCollections('Board', 'Recipes')
    await chatPage.ask('What took the boat in the autumn?')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords('storm')
    await expect(chatPage.citation(1)).toBeVisible()
  })
})
