import type { Browser, Page } from '@playwright/test'
import { expect, testOnOneApp } from '../one-app.ts'
import { owner } from '../pages/sign-up-page.ts'
import { expectUsable } from '../usable.ts'
import { createVisitor, type Account } from '../visitor.ts'

// Without mail: who is invited gets a link by hand.
const test = testOnOneApp(({ modelUrl }) => ({ OPENAI_COMPATIBLE_BASE_URL: modelUrl }))

// What one of them has made, the next goes on with.
test.describe.configure({ mode: 'serial' })

const password = 'seven green lanterns by the sea'
const dora = { name: 'Dora Stranger', email: 'dora@example.com', password }

async function signIn(page: Page, { email, password }: Account) {
  await page.goto('/sign-in')
  await fillIn(page, { email, password })
}

async function fillIn(page: Page, { email, password }: Omit<Account, 'name'>) {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const account = (page: Page) => page.getByRole('button', { name: /^Account/ })

async function open(browser: Browser, baseURL: string | undefined): Promise<Page> {
  return (await browser.newContext(baseURL ? { baseURL } : {})).newPage()
}

async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.goto('/workspace/invitations')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Role').selectOption(role)
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await expect(page.getByText('Give this link to whom you invite')).toBeVisible()
  return page.getByLabel('Link of the invitation').innerText()
}

/** It is chosen once the server says so, not when it is clicked. */
async function choose(page: Page, name: RegExp) {
  const choice = page.getByRole('radio', { name })
  await choice.click()
  await expect(choice).toBeEnabled()
  await expect(choice).toBeChecked()
}

/** By the menu of a member, with the question that it asks. */
async function decide(page: Page, item: 'Suspend' | 'Remove' | 'Let them in again') {
  await page.getByRole('button', { name: `More for ${dora.name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
  if (item !== 'Let them in again') await page.getByRole('dialog').getByRole('button', { name: item }).click()
}

/** A page that was open all the time, as soon as it asks for anything. */
async function isShownOut(there: Page) {
  await expect(async () => {
    if (!there.url().includes('/sign-in')) await there.reload()
    await expect(there.getByText('Your session has ended')).toBeVisible({ timeout: 1_500 })
  }).toPass()
}

/** By the menu, unless they are there already. */
async function goTo(there: Page, workspace: string) {
  await expect(account(there)).toBeVisible()
  if (await account(there).getByText(workspace).isVisible()) return
  await account(there).click()
  await there.getByRole('menuitemradio', { name: workspace }).click()
  await expect(account(there)).toContainText(workspace)
}

test('somebody gives themselves and the workspace other names, and they are there at once', async ({ app, page }) => {
  const ada = createVisitor(app.url)
  await ada.signUp(owner)
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  await page.goto('/settings')
  await page.getByLabel('Your name').fill('Ada Renamed')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await expect(account(page)).toContainText('Ada Renamed')
  await page.goto('/workspace')
  await page.getByLabel('Name of the workspace').fill('Lighthouse society')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(account(page)).toContainText('Lighthouse society')
  await page.getByLabel('Name of the workspace').fill(' ')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByLabel('Name of the workspace')).toHaveAttribute('aria-invalid', 'true')
})

test('registration is opened, a stranger makes an account of their own, and it is closed again', async ({
  page,
  browser,
  baseURL,
}) => {
  const there = await open(browser, baseURL)
  await there.goto('/sign-up')
  await expect(there.getByText('New accounts are by invitation here')).toBeVisible()
  await expect(there.getByRole('button', { name: 'Create account' })).toHaveCount(0)
  await expectUsable(there, 'a closed registration')

  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  await page.goto('/workspace')
  await choose(page, /^Open to everybody/)
  await expect(async () => {
    await there.goto('/sign-in')
    await there.getByRole('link', { name: 'Create one' }).click({ timeout: 2_000 })
  }).toPass()
  await expect(there.getByText('You get a workspace of your own')).toBeVisible()
  await expectUsable(there, 'an open registration')
  await there.getByLabel('Name').fill(dora.name)
  await there.getByLabel('E-mail').fill(dora.email)
  await there.getByLabel('Password').fill(dora.password)
  await there.getByRole('button', { name: 'Create account' }).click()
  await expect(there).toHaveURL(/\/chat$/)
  await expect(account(there)).not.toContainText('Lighthouse society')

  await choose(page, /^By invitation only/)
  const next = await open(browser, baseURL)
  await expect(async () => {
    await next.goto('/sign-up')
    await expect(next.getByText('New accounts are by invitation here')).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await next.context().close()
  await there.context().close()
})

test('an invitation is called back, and its link says so', async ({ page, browser, baseURL }) => {
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  const link = await invite(page, 'nobody@example.com', 'member')
  await expectUsable(page, 'a link to give by hand')
  await page.getByRole('button', { name: 'Call back the invitation for nobody@example.com' }).click()
  await expect(page.getByText('No open invitations')).toBeVisible()
  const there = await open(browser, baseURL)
  await there.goto(link)
  await expect(there.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible()
  await expectUsable(there, 'an invitation that was called back')
  await there.getByRole('link', { name: 'Sign in' }).click()
  await expect(there.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await there.context().close()
})

test('who is signed in takes an invitation, and one that is for another person tells whose it is', async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  const forDora = await invite(page, dora.email, 'editor')
  const forAnother = await invite(page, 'eve@example.com', 'viewer')
  const there = await open(browser, baseURL)
  await signIn(there, dora)
  await expect(there).toHaveURL(/\/chat$/)

  await test.step('one for another person is not taken by mistake', async () => {
    await there.goto(forAnother)
    await expect(
      there.getByText(`This invitation is for eve@example.com, and you are signed in as ${dora.email}`),
    ).toBeVisible()
    await expectUsable(there, 'an invitation for another person')
    await there.getByRole('link', { name: 'Leave it' }).click()
    await expect(there).toHaveURL(/\/chat$/)
    await there.goto(forAnother)
    await there.getByRole('button', { name: 'Sign out and take it' }).click()
    await expect(there).toHaveURL(/\/sign-in\?next=/)
    await there.getByRole('link', { name: 'Make one with the invitation' }).click()
    await expect(there.getByLabel('E-mail')).toHaveValue('eve@example.com')
    await signIn(there, dora)
    await expect(there).toHaveURL(/\/chat$/)
  })

  await test.step('one’s own is', async () => {
    await there.goto(forDora)
    await expect(there.getByRole('heading', { name: 'Join Lighthouse society' })).toBeVisible()
    await expectUsable(there, 'an invitation for who is signed in')
    await there.getByRole('button', { name: `Join as ${dora.email}` }).click()
    await expect(account(there)).toContainText('Lighthouse society')
  })

  await test.step('and one goes from one workspace to the other by the menu', async () => {
    await account(there).click()
    const choices = there.getByRole('menuitemradio').filter({ hasNotText: /Like the device|Light$|Dark/ })
    await expect(choices).toHaveCount(2)
    await choices.filter({ hasNotText: 'Lighthouse society' }).click()
    await expect(account(there)).not.toContainText('Lighthouse society')
    await account(there).click()
    await there.getByRole('menuitemradio', { name: 'Lighthouse society' }).click()
    await expect(account(there)).toContainText('Lighthouse society')
  })
  await there.context().close()
})

test('who is demoted, suspended or removed is told within seconds, and is in no dead end', async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  await page.goto('/workspace/members')
  const there = await open(browser, baseURL)
  await signIn(there, dora)
  await expect(there).toHaveURL(/\/chat$/)
  await goTo(there, 'Lighthouse society')

  await test.step('who is demoted is offered no more than they may', async () => {
    await page.getByRole('combobox', { name: `Role of ${dora.name}` }).selectOption('viewer')
    await expect(async () => {
      await there.goto('/chat')
      await expect(there.getByText('You may read in this workspace')).toBeVisible({ timeout: 1_500 })
    }).toPass()
    await expect(there.getByRole('textbox', { name: 'Message' })).toHaveCount(0)
  })

  await test.step('a suspension ends what is open, and leads to where one still belongs', async () => {
    await decide(page, 'Suspend')
    await expect(page.getByText(/suspended/).first()).toBeVisible()
    await expectUsable(page, 'a suspended member')
    await isShownOut(there)
    await expectUsable(there, 'after a suspension')
    await fillIn(there, dora)
    await expect(there).not.toHaveURL(/sign-in/)
    await expect(account(there)).not.toContainText('Lighthouse society')
  })

  await test.step('who is let in again signs in anew, and is in again', async () => {
    await decide(page, 'Let them in again')
    await expect(page.getByText(/suspended/)).toHaveCount(0)
    await there.reload()
    await account(there).click()
    await there.getByRole('menuitemradio', { name: 'Lighthouse society' }).click()
    await expect(there.getByText('Sign in again to work in that workspace')).toBeVisible()
    await fillIn(there, dora)
    await expect(there).not.toHaveURL(/sign-in/)
    await goTo(there, 'Lighthouse society')
  })

  await test.step('a removal is the same, for good', async () => {
    await decide(page, 'Remove')
    await expect(page.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(1)
    await isShownOut(there)
    await fillIn(there, dora)
    await expect(there).not.toHaveURL(/sign-in/)
    await expect(account(there)).not.toContainText('Lighthouse society')
  })
  await there.context().close()
})

test('somebody leaves a workspace, and is in their own', async ({ page, browser, baseURL }) => {
  await signIn(page, owner)
  await expect(page).toHaveURL(/\/chat$/)
  const link = await invite(page, dora.email, 'member')
  const there = await open(browser, baseURL)
  await signIn(there, dora)
  await expect(there).toHaveURL(/\/chat$/)
  await there.goto(link)
  await there.getByRole('button', { name: `Join as ${dora.email}` }).click()
  await expect(account(there)).toContainText('Lighthouse society')
  await there.goto('/workspace/members')
  await there.getByRole('button', { name: 'Leave', exact: true }).click()
  await there.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
  await expect(there).toHaveURL(/\/chat$/)
  await expect(account(there)).not.toContainText('Lighthouse society')
  await page.goto('/workspace/members')
  await expect(page.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(1)
  await expect(page.getByText('You are its only owner')).toBeVisible()
  await there.context().close()
})

test('without mail, who has lost their password is told whom to ask', async ({ page }) => {
  await page.goto('/forgot-password')
  await expect(page.getByText('No letters can be sent from here')).toBeVisible()
  await expectUsable(page, 'a forgotten password without mail')
})
