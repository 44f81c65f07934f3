import type { Page } from '@playwright/test'
import { createSignUpPage, owner } from '../pages/sign-up-page.ts'
import { expect, test } from '../test.ts'

test('who types before a page is alive loses nothing, and no password comes into an address', async ({
  page,
  browser,
  baseURL,
}) => {
  await createSignUpPage(page).createFirstAccount()
  const context = await browser.newContext({ baseURL })
  const slow = await context.newPage()
  const addresses: string[] = []
  slow.on('framenavigated', (frame) => void addresses.push(frame.url()))

  await test.step('signing in waits for the scripts', async () => {
    const release = await holdScripts(slow)
    await slow.goto('/sign-in', { waitUntil: 'domcontentloaded' })
    await fillIn(slow)
    await slow.getByLabel('Password').press('Enter')
    await expect(slow.getByLabel('Password')).toHaveValue(owner.password)
    expect(new URL(slow.url()).pathname + new URL(slow.url()).search).toBe('/sign-in')
    await release()
    await expect(slow).toHaveURL(/\/chat$/)
  })

  await test.step('a message is there when the page is', async () => {
    const release = await holdScripts(slow)
    await slow.goto('/chat', { waitUntil: 'domcontentloaded' })
    const message = slow.getByRole('textbox', { name: 'Message' })
    await message.fill('What was it that I wanted to ask?')
    await release()
    await expect(slow.getByRole('button', { name: 'Send' })).toBeEnabled()
    await expect(message).toHaveValue('What was it that I wanted to ask?')
    await slow.reload()
    await expect(message).toHaveValue('What was it that I wanted to ask?')
  })
  await context.close()

  await test.step('where no script runs at all, nothing is put into an address either', async () => {
    const without = await browser.newContext({ baseURL, javaScriptEnabled: false })
    const bare = await without.newPage()
    bare.on('framenavigated', (frame) => void addresses.push(frame.url()))
    await bare.goto('/sign-in')
    await fillIn(bare)
    await bare.getByLabel('Password').press('Enter')
    await expect(bare.getByLabel('Password')).toHaveValue('')
    expect(new URL(bare.url()).search).toBe('')
    await without.close()
  })
  expect(addresses.length).toBeGreaterThan(4)
  expect(addresses.filter((address) => /password=|email=|horse|%40/.test(address))).toEqual([])
})

async function fillIn(page: Page) {
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
}

/** The scripts of the next page come when they are let. */
async function holdScripts(page: Page) {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const scripts = /\/_next\/static\/.*\.js/
  await page.route(scripts, async (route) => {
    await held
    await route.continue()
  })
  return async () => {
    release()
    await page.waitForLoadState('load')
    await page.unroute(scripts)
  }
}
