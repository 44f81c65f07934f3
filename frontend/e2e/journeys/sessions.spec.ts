import type { Page } from '@playwright/test'
import { expect, testOnOneApp } from '../one-app.ts'
import { createSignUpPage, owner } from '../pages/sign-up-page.ts'

const test = testOnOneApp(() => ({}))
test.describe.configure({ mode: 'serial' })

async function signInAgain(page: Page) {
  await page.goto('/sign-in?reason=expired')
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/chat$/)
}

const sessionsOn = (page: Page) => page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')

test('signing in again ends the session that this browser had, and no address that a browser claims is believed', async ({
  page,
  context,
}) => {
  await createSignUpPage(page).createFirstAccount()
  await context.setExtraHTTPHeaders({
    'x-forwarded-for': '198.51.100.66, 198.51.100.67',
    'x-real-ip': '198.51.100.66',
    'x-vercel-forwarded-for': '198.51.100.66',
    forwarded: 'for=198.51.100.66',
  })
  await signInAgain(page)
  await page.goto('/settings/sign-in')
  await expect(sessionsOn(page)).toHaveCount(1)
  await expect(sessionsOn(page)).toContainText('this browser')
  await expect(sessionsOn(page)).toContainText('if it is not used')
  const { items } = (await page.evaluate(async () => (await fetch('/api/backend/sessions')).json())) as {
    items: { address: string }[]
  }
  expect(items.map(({ address }) => address.replace('::ffff:', ''))).toEqual(['127.0.0.1'])
})

test('signing out takes what was typed along, out of every tab', async ({ page, context }) => {
  await signInAgain(page)
  const other = await context.newPage()
  await other.goto('/chat')
  await other.getByRole('textbox', { name: 'Message' }).fill('Between you and me')
  const typed = () => other.evaluate(() => Object.keys(sessionStorage).filter((name) => name.startsWith('nitro-')))
  await expect.poll(typed).not.toEqual([])
  await page.getByRole('textbox', { name: 'Message' }).fill('Nobody else is to read this')
  await page.getByRole('button', { name: /^Account:/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in$/)
  await expect(other.getByText('You have signed out in another tab.')).toBeVisible()
  for (const tab of [page, other]) {
    const kept = await tab.evaluate(() => Object.entries(sessionStorage).filter(([name]) => name.startsWith('nitro-')))
    expect(kept).toEqual([])
  }
})
