import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

const ships = Buffer.from('# Ships\n\nThe Vasa sank in the harbour of Stockholm in 1628. It was raised in 1961.\n')
const rival = Buffer.from('# A rival\n\nWhen did the Vasa sink? Everybody asks when the Vasa did sink, sink, sink.\n')

test('an owner keeps golden questions, measures the search, and sees what was not answered', async ({
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  const figures = page.getByRole('region', { name: 'Figures' })
  const measure = page.getByRole('button', { name: 'Measure now' })
  const dialog = page.getByRole('dialog')
  await signUpPage.createFirstAccount()

  await test.step('without a collection and without questions the page says what to do', async () => {
    await page.goto('/knowledge/evaluation')
    await expect(page.getByText('There is no collection to measure')).toBeVisible()
    await knowledgePage.open()
    await knowledgePage.upload({ name: 'ships.md', mimeType: 'text/markdown', buffer: ships })
    await knowledgePage.waitUntilReady('ships.md')
    await page.goto('/knowledge/evaluation')
    await expect(page.getByText('Add your first question')).toBeVisible()
    await expect(page.getByText('No gap is known')).toBeVisible()
    await expect(measure).toBeDisabled()
    await expectUsable(page, 'evaluation, nothing yet')
  })

  await test.step('a question is added and measured', async () => {
    await page.getByRole('button', { name: 'Add a question' }).click()
    await dialog.getByLabel('Question').fill('When did the Vasa sink?')
    await dialog.getByLabel('Document that answers it').selectOption('ships.md')
    await dialog.getByLabel('Words of the passage').fill('sank in the harbour')
    await expectUsable(page, 'a golden question')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await measure.click()
    await expect(figures.getByRole('row', { name: 'hit@1)' })).toContainText('100 %')
    await expect(figures).toContainText('no run before')
  })

  await test.step('lines that cannot be used are named', async () => {
    await page.getByRole('button', { name: 'Import' }).click()
    await dialog.getByLabel('Lines').fill('question,document\nWhen was it raised?,ships.md\nWhere?,nowhere.md')
    await dialog.getByRole('button', { name: 'Import' }).click()
    await expect(dialog).toContainText('1 question was added.')
    await expect(dialog).toContainText('Line 3: There is no document "nowhere.md" in this collection')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByRole('list', { name: 'Golden questions' }).getByRole('listitem')).toHaveCount(2)
  })

  await test.step('a question that fares worse is named', async () => {
    await knowledgePage.open()
    await knowledgePage.upload({ name: 'rival.md', mimeType: 'text/markdown', buffer: rival })
    await knowledgePage.waitUntilReady('rival.md')
    await page.goto('/knowledge/evaluation')
    await measure.click()
    await expect(page.getByRole('list', { name: 'Worse than before' })).toContainText('place 1 → place 2')
    await page.getByText('All measurements (2)').click()
    await expectUsable(page, 'evaluation, something got worse')
  })

  await test.step('what was not answered becomes a question', async () => {
    await chatPage.startNew()
    await chatPage.ask('What is the airspeed of an unladen swallow?')
    await chatPage.waitForStatus('complete')
    await page.goto('/knowledge/evaluation')
    const gaps = page.getByRole('list', { name: 'Gaps' })
    await expect(gaps).toContainText('What is the airspeed of an unladen swallow?')
    await expectUsable(page, 'evaluation, with a gap')
    await gaps.getByRole('button', { name: 'Add as golden question' }).click()
    await expect(dialog.getByLabel('Question')).toHaveValue('What is the airspeed of an unladen swallow?')
  })
})
