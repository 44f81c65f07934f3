import { fourPages } from '../pages/knowledge-page.ts'
import { expect, test } from '../test.ts'
import { expectUsable, sizes } from '../usable.ts'

test('every page is usable by everybody, in both themes and on a phone', async ({
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  const refused: string[] = []
  page.on('console', (message) => {
    if (/content security policy|hydrat/i.test(message.text())) refused.push(message.text())
  })

  await page.goto('/sign-up')
  await expectUsable(page, 'creating an account')
  await signUpPage.createFirstAccount()
  await expectUsable(page, 'a new conversation')

  await page.goto('/modules')
  await expect(page.getByText('Nothing in the last 24 hours')).toBeVisible()
  await expectUsable(page, 'modules, nothing done yet')

  await knowledgePage.open()
  await expect(page.getByText('Add your first document')).toBeVisible()
  await expectUsable(page, 'knowledge, empty')
  await knowledgePage.upload(fourPages)
  await knowledgePage.waitUntilReady('four-pages.pdf')
  await expectUsable(page, 'knowledge')

  await chatPage.startNew()
  await chatPage.ask('How many steps has the climb to the gallery?')
  await chatPage.waitForStatus('complete')
  await expectUsable(page, 'an answer')
  await page.getByRole('button', { name: 'Bad answer' }).click()
  await expect(page.getByRole('form', { name: 'What was wrong' })).toBeVisible()
  await expectUsable(page, 'feedback')
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await chatPage.citation(1).click()
  await chatPage.showText()
  await expect(chatPage.source.locator('mark')).toBeVisible()
  await expectUsable(page, 'a passage')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'How this was answered' }).click()
  await expectUsable(page, 'the trace')

  await page.goto('/modules')
  await expect(page.locator('.recharts-bar-rectangle path').first()).toBeVisible()
  await expectUsable(page, 'modules')

  await page.goto('/settings/keys')
  await page.getByLabel('Name of the new key').fill('My script')
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByText('It will not be shown again')).toBeVisible()
  await expectUsable(page, 'API keys')
  await page.goto('/nowhere')
  await expectUsable(page, 'nothing here')

  await test.step('the drawer of a phone opens, leads on and closes', async () => {
    await page.setViewportSize(sizes[1]!)
    await page.goto('/chat')
    await page.getByRole('button', { name: 'Open the navigation' }).click()
    await expect(page.getByRole('dialog', { name: 'Navigation' })).toBeVisible()
    await page.getByRole('dialog').getByRole('link', { name: 'Knowledge' }).click()
    await expect(page).toHaveURL(/\/knowledge$/)
    await expect(page.getByRole('dialog')).toBeHidden()
  })

  await test.step('a theme of one’s own is there before the next page is painted', async () => {
    await page.setViewportSize(sizes[0]!)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.getByRole('button', { name: /^Account/ }).click()
    await page.getByRole('menuitemradio', { name: 'Dark' }).click()
    await page.keyboard.press('Escape')
    expect(await (await page.request.get('/chat')).text()).toContain('data-theme="dark"')
  })

  await test.step('who signs out is out, and signs in again', async () => {
    await page.getByRole('button', { name: /^Account/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect((await page.request.get('/api/backend/me')).status()).toBe(401)
    await expectUsable(page, 'signing in')
    await page.getByLabel('E-mail').fill('ada@example.com')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('do not belong together')).toBeVisible()
    await page.getByLabel('Password').fill('correct horse battery staple')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL(/\/chat$/)
  })
  expect(refused).toEqual([])
})
