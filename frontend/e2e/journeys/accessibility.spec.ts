import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { fourPages } from '../pages/knowledge-page.ts'
import { expect, test } from '../test.ts'

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]

/** Nothing serious in either theme, on a desk and on a phone. */
async function check(page: Page, name: string) {
  for (const theme of ['light', 'dark'] as const) {
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      const { violations } = await new AxeBuilder({ page }).analyze()
      const grave = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
      expect.soft(grave, `${name}, ${theme}, ${size.width} px`).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect.soft(overflow, `${name} is wider than ${size.width} px`).toBeLessThanOrEqual(0)
    }
  }
  await page.setViewportSize(sizes[0]!)
}

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
  await check(page, 'creating an account')
  await signUpPage.createFirstAccount()
  await check(page, 'a new conversation')

  await page.goto('/modules')
  await expect(page.getByText('Nothing in the last 24 hours')).toBeVisible()
  await check(page, 'modules, nothing done yet')

  await knowledgePage.open()
  await expect(page.getByText('Add your first document')).toBeVisible()
  await check(page, 'knowledge, empty')
  await knowledgePage.upload(fourPages)
  await knowledgePage.waitUntilReady('four-pages.pdf')
  await check(page, 'knowledge')

  await chatPage.startNew()
  await chatPage.ask('How many steps has the climb to the gallery?')
  await chatPage.waitForStatus('complete')
  await check(page, 'an answer')
  await page.getByRole('button', { name: 'Bad answer' }).click()
  await expect(page.getByRole('form', { name: 'What was wrong' })).toBeVisible()
  await check(page, 'feedback')
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await chatPage.citation(1).click()
  await expect(chatPage.source.locator('mark')).toBeVisible()
  await check(page, 'a passage')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'How this was answered' }).click()
  await check(page, 'the trace')

  await page.goto('/modules')
  await expect(page.locator('.recharts-bar-rectangle path').first()).toBeVisible()
  await check(page, 'modules')

  await page.goto('/settings')
  await page.getByLabel('Name of the new key').fill('My script')
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByText('It will not be shown again')).toBeVisible()
  await check(page, 'API keys')
  await page.goto('/nowhere')
  await check(page, 'nothing here')

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
    await check(page, 'signing in')
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
