import type { Browser } from '@playwright/test'
import { ask, whoIs } from '../ask.ts'
import { startFarServices, type FarServices } from '../far-services.ts'
import { createSignUpPage } from '../pages/sign-up-page.ts'
import { startApp } from '../running-app.ts'
import { expect, test as base } from '../test.ts'

const test = base.extend<{ far: FarServices }>({
  far: async ({}, provide) => {
    const far = await startFarServices()
    await provide(far)
    await far.close()
  },
  app: async ({ far }, provide) => {
    const app = await startApp(far.settings)
    await provide(app)
    await app.close()
  },
})

const ofGithub = (id: number, isVerified: boolean) => ({
  id,
  name: 'Ada',
  emails: [
    { email: 'other@example.com', primary: false, verified: true },
    { email: `ada-${id}@example.com`, primary: true, verified: isVerified },
  ],
})
const ofGoogle = (id: number, isVerified: boolean) => ({
  id,
  name: 'Bob',
  emails: [{ email: `bob-${id}@example.com`, primary: true, verified: isVerified }],
})

test('one signs in with GitHub and with Google, as who they say one is', async ({ far, page, browser, app }) => {
  test.slow()
  await createSignUpPage(page).createFirstAccount()
  await ask(page, 'PUT', 'installation', { registration: 'open' })

  for (const [service, person] of [['GitHub', ofGithub] as const, ['Google', ofGoogle] as const]) {
    await test.step(`${service}: somebody new, and again`, async () => {
      far.become(person(17, true))
      for (let visit = 1; visit <= 2; visit++) {
        const { visitor, close } = await comeBy(browser, app.url, far, service)
        await expect(visitor).toHaveURL(/\/chat$/)
        expect(await whoIs(visitor)).toBe(person(17, true).emails.at(-1)?.email)
        await close()
      }
    })

    await test.step(`${service}: not whose mailbox it does not vouch for`, async () => {
      far.become(person(18, false))
      const { visitor, close } = await comeBy(browser, app.url, far, service)
      await expect(visitor.getByText('does not say that your e-mail address is yours')).toBeVisible()
      expect(await whoIs(visitor)).toBeUndefined()
      await close()
    })
  }

  const anHourAgo = Math.floor(Date.now() / 1000) - 3600
  for (const [what, change] of [
    ['was made for another visit', { claims: { nonce: 'of-another-visit' } }],
    ['was made for another program', { claims: { aud: 'another-client', azp: 'another-client' } }],
    ['was made by another service', { claims: { iss: 'https://login.example.org' } }],
    ['was made long ago', { claims: { iat: anHourAgo, exp: anHourAgo + 60 } }],
    ['is signed by somebody else', { isForged: true }],
  ] as const) {
    await test.step(`Google: not by a token that ${what}`, async () => {
      far.become({ ...ofGoogle(17, true), ...change })
      const { visitor, close } = await comeBy(browser, app.url, far, 'Google')
      await expect(visitor.getByText('was broken off')).toBeVisible()
      expect(await whoIs(visitor)).toBeUndefined()
      await close()
    })
  }

  await test.step('GitHub: connected to an account, it opens that one', async () => {
    far.become(ofGithub(19, true))
    await far.meet(page.context())
    await page.goto('/settings/sign-in')
    await page.getByRole('button', { name: 'Connect GitHub' }).click()
    await expect(page.getByText('ada-19@example.com')).toBeVisible()
    const { visitor, close } = await comeBy(browser, app.url, far, 'GitHub')
    await expect(visitor).toHaveURL(/\/chat$/)
    expect(await whoIs(visitor)).toBe(await whoIs(page))
    await close()
  })
  expect(far.complaints).toEqual([])
})

async function comeBy(browser: Browser, baseURL: string, far: FarServices, service: string) {
  const context = await browser.newContext({ baseURL })
  await far.meet(context)
  const visitor = await context.newPage()
  await visitor.goto('/sign-in')
  await visitor.getByRole('button', { name: `Sign in with ${service}` }).click()
  return { visitor, close: () => context.close() }
}
