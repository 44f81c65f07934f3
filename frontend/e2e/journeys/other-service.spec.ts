import { createHmac } from 'node:crypto'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { ask, whoIs } from '../ask.ts'
import { startIdentityProvider, type IdentityProvider, type Person } from '../identity-provider.ts'
import { createSignUpPage, owner } from '../pages/sign-up-page.ts'
import { startApp } from '../running-app.ts'
import { expect, test as base } from '../test.ts'
import { expectUsable } from '../usable.ts'

const test = base.extend<{ acme: IdentityProvider }>({
  acme: async ({}, provide) => {
    const acme = await startIdentityProvider()
    await provide(acme)
    await acme.close()
  },
  app: async ({ acme }, provide) => {
    const app = await startApp(acme.settings)
    await acme.serve(app.url)
    await provide(app)
    await app.close()
  },
})

const adaThere: Person = { sub: 'ada-17', email: 'ada@acme.example', email_verified: true, name: 'Ada' }
const bobThere: Person = { sub: 'bob-18', email: 'bob@acme.example', email_verified: true, name: 'Bob' }
const callback = /\/api\/auth\/callback\/oidc\?/

test('another service opens the account that it was connected to, and no other', async ({
  app,
  acme,
  page,
  context,
  browser,
}) => {
  test.slow()
  await createSignUpPage(page).createFirstAccount()

  await test.step('it is connected by who is signed in', async () => {
    await acme.become(adaThere)
    await page.goto('/settings/sign-in')
    // As it is a quarter of an hour after signing in, without waiting for that.
    const later = { error: { code: 'proof_required', message: 'Show who you are', requestId: '' } }
    await page.route('**/api/backend/me/proof', (route) => route.fulfill({ status: 403, json: later }), { times: 1 })
    await page.getByRole('button', { name: 'Connect Acme' }).click()
    const question = page.getByRole('dialog', { name: 'Is it you?' })
    await expectUsable(page, 'showing once more who one is')
    await question.getByLabel('Your password').fill('not the password')
    await question.getByRole('button', { name: 'Go on' }).click()
    await expect(question.getByText('The password is wrong')).toBeVisible()
    await question.getByLabel('Your password').fill(owner.password)
    await question.getByRole('button', { name: 'Go on' }).click()
    await expect(page.getByText(adaThere.email)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Connect Acme' })).toBeHidden()
  })

  let used = ''
  await test.step('and then signs that person in, anywhere', async () => {
    const { elsewhere, elsewherePage } = await stranger(browser, app.url)
    elsewherePage.on('request', (request) => {
      if (callback.test(request.url())) used = request.url()
    })
    await signInWithAcme(elsewherePage)
    await expect(elsewherePage).toHaveURL(/\/chat$/)
    expect(await whoIs(elsewherePage)).toBe(owner.email)

    // What led back is good once, even where it was good before. The page itself would notice, and go away.
    await elsewherePage.goto('about:blank')
    await elsewhere.clearCookies({ name: /session-token/ })
    await elsewherePage.goto(used)
    await expect(elsewherePage.getByText('was broken off')).toBeVisible()
    expect(await whoIs(elsewherePage)).toBeUndefined()
    await elsewhere.close()
  })

  await test.step('the e-mail address of an account does not open it', async () => {
    const { elsewhere, elsewherePage } = await stranger(browser, app.url)
    await acme.become({ sub: 'mallory', email: owner.email, email_verified: true, name: 'Ada' })
    await signInWithAcme(elsewherePage)
    await expect(elsewherePage.getByText('Sign in with your password, then connect')).toBeVisible()
    expect(await whoIs(elsewherePage)).toBeUndefined()

    await leaveAcme(elsewhere)
    await acme.become({ sub: 'eve', email: 'eve@acme.example', email_verified: false, name: 'Eve' })
    await signInWithAcme(elsewherePage)
    await expect(elsewherePage.getByText('does not say that your e-mail address is yours')).toBeVisible()

    await leaveAcme(elsewhere)
    await acme.become(bobThere)
    await signInWithAcme(elsewherePage)
    await expect(elsewherePage.getByText('New accounts are by invitation here')).toBeVisible()
    expect(await whoIs(elsewherePage)).toBeUndefined()
    await elsewhere.close()
  })

  await test.step('nobody is sent to a service that calls itself something else, nor taken from it', async () => {
    const { elsewhere, elsewherePage } = await stranger(browser, app.url)
    await acme.become(adaThere)
    await acme.lie('https://login.example.org')
    await elsewherePage.goto('/sign-in')
    await elsewherePage.getByRole('button', { name: 'Sign in with Acme' }).click()
    await expect(elsewherePage.getByText('That service cannot be reached just now')).toBeVisible()
    await acme.lie('')
    const end = await acme.keptBack(() => signInWithAcme(elsewherePage))
    await acme.lie('https://login.example.org')
    const finishing = await elsewhere.newPage()
    await finishing.goto(end)
    await expect(finishing.getByText('was broken off')).toBeVisible()
    expect(await whoIs(finishing)).toBeUndefined()
    await acme.lie('')
    await elsewhere.close()
  })

  await test.step('what one person began, another cannot finish', async () => {
    // Bob has an account of his own by now.
    await ask(page, 'PUT', 'installation', { registration: 'open' })
    const { elsewhere: bobs, elsewherePage: bobsPage } = await stranger(browser, app.url)
    await acme.become(bobThere)
    await signInWithAcme(bobsPage)
    await expect(bobsPage).toHaveURL(/\/chat$/)
    expect(await whoIs(bobsPage)).toBe(bobThere.email)

    // Mallory begins, and sends Bob where she would have ended.
    const { elsewhere: mallorys, elsewherePage: mallorysPage } = await stranger(browser, app.url)
    await acme.become({ sub: 'mallory-19', email: 'mallory@acme.example', email_verified: true, name: 'Mallory' })
    const trap = await acme.keptBack(() => signInWithAcme(mallorysPage))
    await bobsPage.goto('about:blank')
    await bobsPage.goto(trap)
    await expect(bobsPage.getByText('was broken off')).toBeVisible()
    expect(await whoIs(bobsPage)).toBe(bobThere.email)
    await mallorys.close()

    // Ada begins to connect something; before it is done, Bob signs in in the same browser.
    await ask(page, 'DELETE', 'me/identities/oidc')
    await leaveAcme(context)
    await acme.become({ sub: 'ada-20', email: 'ada@acme.example', email_verified: true, name: 'Ada' })
    await page.goto('/settings/sign-in')
    const end = await acme.keptBack(() => page.getByRole('button', { name: 'Connect Acme' }).click())
    await context.clearCookies({ name: /session-token/ })
    await context.addCookies((await bobs.cookies()).filter(({ name }) => name.includes('session-token')))
    // In a tab of its own: the one that began may still be on its way.
    const finishing = await context.newPage()
    await finishing.goto(end)
    await expect(finishing.getByText('Somebody else has signed in meanwhile')).toBeVisible()
    const identities = (await ask(finishing, 'GET', 'me/identities')) as { items: { email: string }[] }
    expect(identities.items.map(({ email }) => email)).toEqual([bobThere.email])
    await bobs.close()
  })
})

test('whoever has a second factor is asked for it after another service too', async ({ app, acme, page, browser }) => {
  await createSignUpPage(page).createFirstAccount()
  await acme.become(adaThere)
  await page.goto('/settings/sign-in')
  await page.getByRole('button', { name: 'Connect Acme' }).click()
  await expect(page.getByText(adaThere.email)).toBeVisible()
  const begun = (await ask(page, 'POST', 'me/second-factor', { password: owner.password })) as { secret: string }
  const confirmed = (await ask(page, 'POST', 'me/second-factor/confirm', { code: codeOf(begun.secret) })) as {
    recoveryCodes: string[]
  }

  const { elsewhere, elsewherePage } = await stranger(browser, app.url)
  await signInWithAcme(elsewherePage)
  const code = elsewherePage.getByLabel('Code')
  await expect(code).toBeVisible()
  expect(await whoIs(elsewherePage)).toBeUndefined()
  await code.fill('123 456')
  await elsewherePage.getByRole('button', { name: 'Go on' }).click()
  await expect(elsewherePage.getByText('This code is wrong')).toBeVisible()
  await code.fill(confirmed.recoveryCodes[0] ?? '')
  await elsewherePage.getByRole('button', { name: 'Go on' }).click()
  await expect(elsewherePage).toHaveURL(/\/chat$/)
  expect(await whoIs(elsewherePage)).toBe(owner.email)
  await elsewhere.close()

  // The same after the password.
  const { elsewhere: other, elsewherePage: otherPage } = await stranger(browser, app.url)
  await otherPage.goto('/sign-in')
  await otherPage.getByLabel('E-mail').fill(owner.email)
  await otherPage.getByLabel('Password').fill(owner.password)
  await otherPage.getByRole('button', { name: 'Sign in', exact: true }).click()
  await otherPage.getByLabel('Code').fill(confirmed.recoveryCodes[1]?.toLowerCase() ?? '')
  await otherPage.getByRole('button', { name: 'Go on' }).click()
  await expect(otherPage).toHaveURL(/\/chat$/)
  await other.close()
})

async function stranger(browser: Browser, baseURL: string) {
  const elsewhere = await browser.newContext({ baseURL })
  return { elsewhere, elsewherePage: await elsewhere.newPage() }
}

async function signInWithAcme(page: Page) {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in with Acme' }).click()
}

/** That service remembers who was there. */
const leaveAcme = (context: BrowserContext) => context.clearCookies({ name: /^_/ })

/** What an authenticator app shows now (RFC 6238). */
function codeOf(secret: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const value = hash.readUInt32BE((hash.at(-1) ?? 0) & 0xf) & 0x7fffffff
  return String(value % 1_000_000).padStart(6, '0')
}
