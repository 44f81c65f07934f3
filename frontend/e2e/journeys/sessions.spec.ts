import type { Page } from '@playwright/test'
import { codeOf } from '../authenticator.ts'
import { expect, testOnOneApp } from '../one-app.ts'
import { createSignUpPage, owner } from '../pages/sign-up-page.ts'
import { expectUsable } from '../usable.ts'

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

test('a workspace asks everybody for a second factor, and whoever has none is led to setting one up', async ({
  page,
}) => {
  test.slow()
  await signInAgain(page)
  const secondFactor = page.getByRole('region', { name: 'Second factor' })
  const demand = page.getByRole('switch', { name: 'Everybody needs a second factor' })

  async function setUp() {
    await secondFactor.getByRole('button', { name: 'Set it up' }).click()
    await secondFactor.getByLabel('Your password').fill(owner.password)
    await secondFactor.getByRole('button', { name: 'Go on' }).click()
    const secret = await secondFactor.getByLabel('Secret for an authenticator app').innerText()
    await secondFactor.getByLabel('The code that the app shows now').fill(codeOf(secret.trim()))
    await secondFactor.getByRole('button', { name: 'Turn it on' }).click()
    const codes = (await secondFactor.getByLabel('Recovery codes').innerText()).split('\n').filter(Boolean)
    await secondFactor.getByLabel('I have kept them').check()
    await secondFactor.getByRole('button', { name: 'Done' }).click()
    return codes
  }

  await test.step('only who has one can ask others for one', async () => {
    await page.goto('/workspace')
    await expect(demand).toBeDisabled()
    await secondFactor.getByRole('link', { name: 'set up your own' }).click()
    const codes = await setUp()
    await page.goto('/workspace')
    await demand.click()
    await expect(demand).toBeChecked()
    await expectUsable(page, 'asking for a second factor')
    await page.goto('/settings/sign-in')
    await secondFactor.getByRole('button', { name: 'Turn it off…' }).click()
    await secondFactor.getByLabel('A code of the app, or a recovery code').fill(codes[0]!)
    await secondFactor.getByRole('button', { name: 'Turn it off' }).click()
  })

  await test.step('without one there is a single page, which ends in being let in', async () => {
    const title = page.getByRole('heading', { name: /asks for a second factor$/ })
    await expect(title).toBeVisible()
    await page.goto('/chat')
    await expect(title).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Message' })).toHaveCount(0)
    await expectUsable(page, 'a second factor that is asked for')
    await setUp()
    await page.getByRole('button', { name: /^Go on to/ }).click()
    await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible()
  })
})
