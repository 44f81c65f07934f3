import type { Browser, BrowserContext, Page } from '@playwright/test'
import { codeOf } from '../authenticator.ts'
import { linkIn } from '../mail-server.ts'
import { expect, testOnOneApp } from '../one-app.ts'
import { createSignUpPage, owner } from '../pages/sign-up-page.ts'
import { expectUsable } from '../usable.ts'

const test = testOnOneApp(({ mailUrl }) => ({
  NITRO_SMTP_URL: mailUrl,
  NITRO_MAIL_FROM: 'NitroAGI <nitro@example.com>',
}))

// With the same account, whose password changes on the way.
test.describe.configure({ mode: 'serial' })
let password = owner.password

/** Another device of the same person, or of somebody who has their password. */
async function elsewhere(
  browser: Browser,
  baseURL: string | undefined,
): Promise<{ there: Page; context: BrowserContext }> {
  const context = await browser.newContext(baseURL ? { baseURL } : {})
  return { there: await context.newPage(), context }
}

async function signIn(page: Page) {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('who has lost their password gets a letter, chooses a new one, and is signed out everywhere else', async ({
  page,
  browser,
  baseURL,
  mailServer,
}) => {
  await createSignUpPage(page).createFirstAccount()
  const confirmation = linkIn(await mailServer.letterTo(owner.email))
  const { there, context } = await elsewhere(browser, baseURL)

  await test.step('the first letter confirms the address', async () => {
    await page.goto('/settings')
    await expect(page.getByText('not confirmed')).toBeVisible()
    await expectUsable(page, 'profile')
    await page.goto(confirmation)
    await expect(page).toHaveURL(/\/verify-email$/)
    await expectUsable(page, 'confirming an address')
    await page.getByRole('button', { name: 'Confirm this address' }).click()
    await expect(page.getByRole('heading', { name: 'Your address is confirmed' })).toBeVisible()
    await page.goto('/chat')
    await page.goto(confirmation)
    await page.getByRole('button', { name: 'Confirm this address' }).click()
    await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible()
  })

  await test.step('a letter is asked for without being signed in', async () => {
    await there.goto('/sign-in')
    await there.getByRole('link', { name: 'Forgotten your password?' }).click()
    await expectUsable(there, 'a forgotten password')
    await there.getByLabel('E-mail').fill(owner.email)
    await there.getByRole('button', { name: 'Send the link' }).click()
    await expect(there.getByRole('heading', { name: 'Look into your mailbox' })).toBeVisible()
  })
  const reset = linkIn(await mailServer.letterTo(owner.email))

  await test.step('its link lets them choose a new one, once, and stands in no address', async () => {
    await there.goto(reset)
    await expect(there.getByRole('heading', { name: 'Choose a new password' })).toBeVisible()
    await expect(there).toHaveURL(/\/reset-password$/)
    await expectUsable(there, 'choosing a new password')
    await there.getByLabel('New password').fill('short')
    await there.getByRole('button', { name: 'Change the password' }).click()
    await expect(there.getByText('Use at least 12 characters')).toBeVisible()
    password = 'seven green lanterns by the sea'
    await there.getByLabel('New password').fill(password)
    await there.getByRole('button', { name: 'Change the password' }).click()
    await expect(there.getByText('Your password is changed, and every browser has been signed out')).toBeVisible()
    await there.goto(reset)
    await there.getByLabel('New password').fill('eight green lanterns by the sea')
    await there.getByRole('button', { name: 'Change the password' }).click()
    await expect(there.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible()
    await there.getByRole('link', { name: 'Ask for a new link' }).click()
    await expect(there.getByRole('button', { name: 'Send the link' })).toBeVisible()
  })

  await test.step('the session of before has ended, and the new password opens a new one', async () => {
    await page.goto('/chat')
    await expect(page.getByText('Your session has ended')).toBeVisible()
    await signIn(there)
    await expect(there).toHaveURL(/\/chat$/)
  })
  await context.close()
})

test('a stolen session is ended from another browser, and what was typed in an ended one is not lost', async ({
  page,
  browser,
  baseURL,
}) => {
  const { there, context } = await elsewhere(browser, baseURL)
  await signIn(page)
  await expect(page).toHaveURL(/\/chat$/)
  await signIn(there)
  await expect(there).toHaveURL(/\/chat$/)
  await there.getByRole('textbox', { name: 'Message' }).fill('What was it that I wanted to ask?')

  await test.step('the list tells which browser is this one, and ends the others', async () => {
    await page.goto('/settings/sign-in')
    const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')
    await expect(sessions.filter({ hasText: 'this browser' })).toHaveCount(1)
    await expect(sessions.first()).toContainText('Chrome on Linux')
    await expectUsable(page, 'signing in')
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign them out' }).click()
    await expect(sessions).toHaveCount(1)
  })

  await test.step('the other browser is out as soon as it asks for something', async () => {
    // Rights are looked up anew after four seconds at most.
    await expect(async () => {
      if (!there.url().includes('/sign-in')) await there.keyboard.press('Enter')
      await expect(there.getByText('Your session has ended')).toBeVisible({ timeout: 2_000 })
    }).toPass()
  })

  await test.step('after signing in again it is on the same page, with the words', async () => {
    await there.getByLabel('E-mail').fill(owner.email)
    await there.getByLabel('Password').fill(password)
    await there.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(there).toHaveURL(/\/chat/)
    await expect(there.getByRole('textbox', { name: 'Message' })).toHaveValue('What was it that I wanted to ask?')
  })
  await context.close()
})

test('a second factor is set up, asked for, and replaced by a recovery code', async ({ page, browser, baseURL }) => {
  await signIn(page)
  await expect(page).toHaveURL(/\/chat$/)
  await page.goto('/settings/sign-in')
  const secondFactor = page.getByRole('region', { name: 'Second factor' })
  await secondFactor.getByRole('button', { name: 'Set it up' }).click()
  await secondFactor.getByLabel('Your password').fill(password)
  await secondFactor.getByRole('button', { name: 'Go on' }).click()
  await expect(secondFactor.getByRole('img', { name: 'QR code' })).toBeVisible()
  await expectUsable(page, 'setting up a second factor')
  const secret = await secondFactor.getByLabel('Secret for an authenticator app').innerText()
  const firstCode = codeOf(secret.trim())
  await secondFactor.getByLabel('The code that the app shows now').fill(firstCode)
  await secondFactor.getByRole('button', { name: 'Turn it on' }).click()
  const codes = (await secondFactor.getByLabel('Recovery codes').innerText()).split('\n').filter(Boolean)
  expect(codes.length).toBeGreaterThan(5)
  await expect(secondFactor.getByRole('button', { name: 'Done' })).toBeDisabled()
  await expectUsable(page, 'recovery codes')
  await secondFactor.getByLabel('I have kept them').check()
  await secondFactor.getByRole('button', { name: 'Done' }).click()
  await expect(secondFactor.getByText(`${codes.length} recovery codes are left.`)).toBeVisible()

  await test.step('the password alone does not let anybody in any more', async () => {
    const { there, context } = await elsewhere(browser, baseURL)
    await signIn(there)
    await expect(there.getByLabel('Code')).toBeVisible()
    await expectUsable(there, 'the code of a second factor')
    await there.getByLabel('Code').fill('000000')
    await there.getByRole('button', { name: 'Go on' }).click()
    await expect(there.getByText('This code is wrong')).toBeVisible()
    // The next one: that of the setting up is spent.
    await there.getByLabel('Code').fill(codeOf(secret.trim(), Date.now() + 30_000))
    await there.getByRole('button', { name: 'Go on' }).click()
    await expect(there).toHaveURL(/\/chat$/)
    await context.close()
  })

  await test.step('a recovery code turns it off again', async () => {
    await page.reload()
    await secondFactor.getByRole('button', { name: 'Turn it off…' }).click()
    await secondFactor.getByLabel('A code of the app, or a recovery code').fill(codes[0]!)
    await secondFactor.getByRole('button', { name: 'Turn it off' }).click()
    await expect(secondFactor.getByText('It is off.')).toBeVisible()
  })
})

test('an account is deleted by typing its address, with everything of its own', async ({ page }) => {
  await signIn(page)
  await expect(page).toHaveURL(/\/chat$/)
  await page.goto('/settings/spending')
  await expect(page.getByRole('heading', { name: /^Spending in/ })).toBeVisible()
  await expectUsable(page, 'spending')
  await page.goto('/settings/delete')
  await page.getByLabel(/^Type ada@example.com/).fill('ada@example.org')
  await page.getByLabel('Your password').fill(password)
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page.getByText('This is not the address of your account.')).toBeVisible()
  await expectUsable(page, 'deleting an account')
  await page.getByLabel(/^Type ada@example.com/).fill(owner.email)
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await expect(page.getByText('Your account and what was yours alone are deleted.')).toBeVisible()
})
