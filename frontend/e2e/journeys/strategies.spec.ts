import AxeBuilder from '@axe-core/playwright'
import { fourPages } from '../pages/knowledge-page.ts'
import { expect, test } from '../test.ts'

test('one chooses by keyboard that answers are compared, and sees all of them', async ({
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  await page.goto('/sign-up')
  await signUpPage.createFirstAccount()
  await knowledgePage.open()
  await knowledgePage.upload(fourPages)
  await knowledgePage.waitUntilReady('four-pages.pdf')
  await chatPage.startNew()

  const options = page.getByRole('button', { name: /^How to answer/ })
  await chatPage.field.focus()
  // What a conversation draws on is chosen beside it, when there is something to choose.
  const isReached = () => options.evaluate((button) => button === document.activeElement)
  for (let tabs = 0; tabs < 3 && !(await isReached()); tabs++) await page.keyboard.press('Tab')
  await expect(options).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitemradio', { name: 'Choose for me' })).toBeChecked()
  for (let down = 0; down < 5; down++) await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitemradio', { name: 'Compare several answers' })).toBeFocused()
  const { violations } = await new AxeBuilder({ page }).include('[role=menu]').analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  await page.keyboard.press('Enter')
  await expect(options).toHaveAccessibleName('How to answer: Compare several answers')

  await chatPage.ask('How many steps has the climb to the gallery?')
  await chatPage.waitForStatus('complete')
  await page.getByRole('button', { name: 'How this was answered' }).click()
  await expect(page.getByRole('heading', { name: 'Answers compared' })).toBeVisible()
  await expect(page.getByText('chosen', { exact: true })).toHaveCount(1)

  await page.reload()
  await expect(options).toHaveAccessibleName('How to answer: Compare several answers')
  await page.keyboard.press('Escape')
  await chatPage.startNew()
  await expect(options).toHaveAccessibleName('How to answer: Choose for me')
})
