import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

test('an answer takes a thumb and its reason, and the modules page counts what was done for it', async ({
  page,
  signUpPage,
  chatPage,
}) => {
  await signUpPage.createFirstAccount()

  await test.step('before anything was asked, the page says what to do', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    await expect(page.getByRole('heading', { name: 'Nothing in the last 24 hours' })).toBeVisible()
    await expect(page.getByRole('list', { name: 'Modules' })).toContainText('knowledge')
    await page.getByRole('link', { name: 'Ask something' }).click()
  })

  await test.step('a thumb down with its reason is still there after a refresh', async () => {
    await chatPage.ask('What is 12 * 12?')
    await chatPage.waitForStatus('complete')
    const down = chatPage.lastAnswer.getByRole('button', { name: 'Bad answer' })
    await down.click()
    await expect(down).toHaveAttribute('aria-pressed', 'true')
    await page.getByLabel('Something is missing').check()
    await page.getByLabel('What would have been right?').fill('It should say why.')
    await page.getByRole('button', { name: 'Send feedback' }).click()
    await expect(page.getByRole('form', { name: 'What was wrong' })).toBeHidden()
    await page.reload()
    await expect(down).toHaveAttribute('aria-pressed', 'true')
    await page.getByRole('button', { name: 'Something is missing' }).click()
    await expect(page.getByLabel('What would have been right?')).toHaveValue('It should say why.')
    await page.getByRole('button', { name: 'Close', exact: true }).click()
  })

  await test.step('the thumb can be taken back', async () => {
    const down = chatPage.lastAnswer.getByRole('button', { name: 'Bad answer' })
    await down.click()
    await expect(down).toHaveAttribute('aria-pressed', 'false')
    await page.reload()
    await expect(down).toHaveAttribute('aria-pressed', 'false')
  })

  await test.step('the modules page counts the run', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    const row = page.getByRole('region', { name: 'Figures by module' }).getByRole('row', { name: /^reasoning/ })
    await expect(row.getByRole('cell').nth(2)).toHaveText('1')
    await expect(row.getByRole('cell').nth(3)).toHaveText('100 %')
    await expect(
      page.getByRole('figure', { name: 'Runs an hour' }).locator('.recharts-bar-rectangle path'),
    ).toHaveCount(1)
    await page.getByRole('button', { name: '7 days' }).click()
    await expect(page.getByRole('figure', { name: 'Runs a day' })).toBeVisible()
  })
})

test('a module that is switched off takes no part in the next answer', async ({ page, signUpPage, chatPage }) => {
  const modules = page.getByRole('list', { name: 'Modules' })
  const use = modules.getByRole('switch', { name: 'Use reasoning' })
  await signUpPage.createFirstAccount()

  await test.step('switched on, it works the figures out', async () => {
    await chatPage.ask('What is 12 * 12?')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords('144')
  })

  await test.step('it proves that it works, and is switched off', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    await page.getByRole('button', { name: 'Test reasoning' }).click()
    await expect(modules.getByRole('status')).toContainText('Passed')
    await expect(use).toBeChecked()
    await use.click()
    await expect(use).not.toBeChecked()
    await expect(modules).toContainText('Switched off by Ada Example')
    await page.reload()
    await expect(use).not.toBeChecked()
    await expectUsable(page, 'modules, one of them off')
  })

  await test.step('the next answer does without it and says so', async () => {
    await chatPage.startNew()
    await chatPage.ask('What is 13 * 13?')
    await chatPage.waitForStatus('complete')
    await expect(chatPage.lastAnswer).toContainText(/reasoning.*switched off/i)
    expect(await chatPage.lastAnswer.innerText()).not.toContain('169')
  })

  await test.step('switched on again, it takes part again', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    await use.click()
    await expect(use).toBeChecked()
    await chatPage.startNew()
    await chatPage.ask('What is 14 * 14?')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords('196')
  })
})
