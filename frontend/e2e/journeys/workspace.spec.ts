import type { Browser, Page } from '@playwright/test'
import { expect, testOnOneApp } from '../one-app.ts'
import { createChatPage } from '../pages/chat-page.ts'
import { createSignUpPage } from '../pages/sign-up-page.ts'
import { expectUsable } from '../usable.ts'

// Ten dollars for a million tokens: every question of the model server costs a few cents at most.
const test = testOnOneApp(({ modelUrl }) => ({
  OPENAI_COMPATIBLE_BASE_URL: modelUrl,
  NITRO_MODEL_PRICES: 'compatible/*=10/10',
}))

// What one of them has made, the next goes on with.
test.describe.configure({ mode: 'serial' })

const ben = { name: 'Ben Guest', email: 'ben@example.com', password: 'seven green lanterns by the sea' }
const limits = '/workspace/limits'

async function open(browser: Browser, baseURL: string | undefined): Promise<Page> {
  const context = await browser.newContext(baseURL ? { baseURL } : {})
  return context.newPage()
}

async function setCapOf(page: Page, of: string, usd: string) {
  await page.getByRole('button', { name: `Change the cap of ${of}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Money, in US dollars').fill(usd)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
}

test('a colleague is invited by a link, reads, and may do more once the role is raised', async ({
  page,
  browser,
  baseURL,
}) => {
  await createSignUpPage(page).createFirstAccount()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Workspace', exact: true }).click()
  await expect(page).toHaveURL(/\/workspace$/)
  await expect(page.getByRole('radio', { name: /^By invitation only/ })).toBeChecked()
  await expectUsable(page, 'a workspace')
  await page.getByRole('link', { name: 'Invitations' }).click()
  await expect(page.getByText('No open invitations')).toBeVisible()
  await page.getByLabel('E-mail').fill(ben.email)
  await page.getByLabel('Role').selectOption('viewer')
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const link = await page.getByLabel('Link of the invitation').innerText()
  await expect(page.getByRole('list', { name: 'Open invitations' })).toContainText(ben.email)
  await expectUsable(page, 'invitations')

  const there = await open(browser, baseURL)
  await test.step('the link leads to an account in the workspace', async () => {
    await there.goto(link)
    await expect(there.getByRole('heading', { name: /^Join / })).toBeVisible()
    await expect(there).toHaveURL(/\/invitation$/)
    await expectUsable(there, 'an invitation')
    await expect(there.getByLabel('E-mail')).toHaveValue(ben.email)
    await there.getByLabel('Name').fill(ben.name)
    await there.getByLabel('Password').fill(ben.password)
    await there.getByRole('button', { name: 'Create account' }).click()
    await expect(there.getByText('You may read in this workspace')).toBeVisible()
    await expectUsable(there, 'what a viewer begins with')
  })

  await test.step('a viewer is offered nothing that would be refused', async () => {
    await there.getByRole('link', { name: 'Look at the documents' }).click()
    await expect(there.getByRole('heading', { name: 'Knowledge' })).toBeVisible()
    await expect(there.getByRole('link', { name: 'New conversation' })).toBeHidden()
    await expect(there.getByRole('button', { name: /^(Add files|New collection)$/ })).toHaveCount(0)
    await there.goto('/workspace')
    await expect(there).toHaveURL(/\/workspace\/members$/)
    await expect(there.getByRole('list', { name: 'Members' }).getByRole('listitem')).toHaveCount(2)
    await expect(there.getByRole('combobox', { name: /^Role of/ })).toHaveCount(0)
    await expect(there.getByRole('link', { name: 'Audit log' })).toHaveCount(0)
  })

  await test.step('the owner raises the role', async () => {
    await page.getByRole('link', { name: 'Members' }).click()
    await expect(page.getByText('You are the only owner, so you stay one')).toBeVisible()
    await page.getByRole('combobox', { name: `Role of ${ben.name}` }).selectOption('editor')
    await expect(page.getByRole('combobox', { name: `Role of ${ben.name}` })).toHaveValue('editor')
    await expectUsable(page, 'members')
    await expect(async () => {
      await there.goto('/knowledge')
      await expect(there.getByRole('button', { name: 'Add files' }).first()).toBeVisible({ timeout: 2_000 })
      await expect(there.getByRole('link', { name: 'New conversation' })).toBeVisible({ timeout: 2_000 })
    }).toPass()
  })

  await test.step('the link is good once', async () => {
    await there.goto(link)
    await expect(there.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible()
  })
  await there.context().close()
})

test('who has spent what they may is told so, and goes on when the cap is lifted', async ({
  page,
  browser,
  baseURL,
}) => {
  const there = await open(browser, baseURL)
  await there.goto('/sign-in')
  await there.getByLabel('E-mail').fill(ben.email)
  await there.getByLabel('Password').fill(ben.password)
  await there.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(there).toHaveURL(/\/chat$/)
  await createSignUpPage(page).signIn()
  await page.goto(limits)
  await setCapOf(page, ben.name, '0.0001')
  await expectUsable(page, 'limits')

  const chat = createChatPage(there)
  await chat.ask('Say hello to me')
  await expect(there.getByText('This would go beyond your own monthly cap')).toBeVisible()
  await expectUsable(there, 'a spent budget')

  await setCapOf(page, ben.name, '500')
  await there.goto('/chat')
  await chat.field.fill('Say hello to me')
  await there.keyboard.press('Enter')
  await chat.waitForStatus('complete')
  await chat.waitForWords('Hello from a local server.')
  await there.goto('/settings/spending')
  await expect(there.getByRole('meter', { name: 'Money' })).toBeVisible()
  await there.context().close()
})

test('the audit log tells of it, and its chain is whole', async ({ page }) => {
  await createSignUpPage(page).signIn()
  await page.goto('/workspace/audit')
  await expect(page.getByText(/^The chain is whole, \d+ entries$/)).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'viewer' }).first()).toBeVisible()
  await expectUsable(page, 'the audit log')
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export all as JSON Lines' }).click()
  expect((await download).suggestedFilename()).toMatch(/\.jsonl$/)
})

test('a second workspace is made, worked in, and deleted by typing its name', async ({ page }) => {
  await createSignUpPage(page).signIn()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'New workspace' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Lighthouse society')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await expect(page.getByRole('button', { name: /^Account/ })).toContainText('Lighthouse society')
  await page.goto('/workspace')
  await page.getByLabel('Type Lighthouse society to say that you mean it').fill('Lighthouse')
  await page.getByRole('button', { name: 'Delete the workspace' }).click()
  await expect(page.getByText('This is not the name of the workspace.')).toBeVisible()
  await page.getByLabel('Type Lighthouse society to say that you mean it').fill('Lighthouse society')
  await page.getByRole('button', { name: 'Delete the workspace' }).click()
  await expect(page).toHaveURL(/\/chat$/)
  await expect(page.getByRole('button', { name: /^Account/ })).not.toContainText('Lighthouse society')
})
