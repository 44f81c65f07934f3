import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

test('thumbs are learned from on request, and the switch ends it', async ({ page, signUpPage, chatPage }) => {
  const learning = page.getByRole('region', { name: 'What it has learned' })
  const use = learning.getByRole('switch', { name: 'Learn from thumbs up and down' })
  await signUpPage.createFirstAccount()

  await test.step('before anything was rated, the page says what to do', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    await expect(learning).toContainText('Give some answers a thumb up or down')
    await expect(use).toBeChecked()
  })

  await test.step('an answer is found good', async () => {
    await chatPage.startNew()
    await chatPage.ask('What is 12 * 12?')
    await chatPage.waitForStatus('complete')
    const up = chatPage.lastAnswer.getByRole('button', { name: 'Good answer' })
    await up.click()
    await expect(up).toHaveAttribute('aria-pressed', 'true')
  })

  await test.step('what was learned from it is shown', async () => {
    await page.getByRole('link', { name: 'Modules' }).click()
    await learning.getByRole('button', { name: 'Learn now' }).click()
    await expect(learning).toContainText('1 rated answer, 1 of them with a thumb up')
    const thumbs = learning.getByRole('region', { name: 'Thumbs by kind of question' })
    await expect(thumbs.getByRole('row', { name: /^calculation language/ })).toContainText('100 %')
    await expectUsable(page, 'modules, something learned')
  })

  await test.step('switched off it stays off, and keeps what it had', async () => {
    await use.click()
    await expect(learning).toContainText('Learning is off')
    await page.reload()
    await expect(use).not.toBeChecked()
    await expect(learning).toContainText('Learning is off')
    await expect(learning.getByRole('region', { name: 'Thumbs by kind of question' })).toBeVisible()
  })
})
