import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

/** A provider of embeddings that takes every request and never answers. */
async function startSilentProvider() {
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('/embeddings')) response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

test('what is not saved is not lost, and a change of the model is taken back', async ({
  app,
  page,
  signUpPage,
  knowledgePage,
}) => {
  const provider = await startSilentProvider()
  await app.killBackend()
  await app.startBackend(undefined, {
    OPENAI_COMPATIBLE_BASE_URL: provider.baseUrl,
    NITRO_EMBEDDING_MODEL: 'use-lite,compatible/silent@64',
  })
  await signUpPage.createFirstAccount()
  await knowledgePage.open()
  const log = Buffer.from('The lamp was cleand at noon. The oil came from Dunmore.')
  await knowledgePage.upload({ name: 'log.txt', mimeType: 'text/plain', buffer: log })
  await knowledgePage.waitUntilReady('log.txt')

  await test.step('whoever leaves a page before saving it is asked, and finds the text again', async () => {
    await knowledgePage.row('log.txt').getByRole('link').click()
    await page.getByRole('button', { name: 'Edit this page' }).click()
    const text = page.getByRole('textbox', { name: /^Text of/ })
    await text.fill('The lamp was cleaned at noon.')
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await page.getByRole('link', { name: 'Modules' }).click()
    await expect(question).toBeVisible()
    await expectUsable(page, 'leaving an edited page')
    await question.getByRole('button', { name: 'Go on editing' }).click()
    await expect(text).toHaveValue('The lamp was cleaned at noon.')
    await page.getByRole('link', { name: 'Modules' }).click()
    await question.getByRole('button', { name: 'Leave' }).click()
    await expect(page).toHaveURL(/\/modules$/)
    await page.goBack()
    await expect(page.getByText('What you changed on this page is not saved.')).toBeVisible()
    await expectUsable(page, 'a page with changes that are not saved')
    await page.getByRole('button', { name: 'Go on editing' }).click()
    await expect(text).toHaveValue('The lamp was cleaned at noon.')
  })

  await test.step('the browser asks before it loads the page anew', async () => {
    const asked = page.waitForEvent('dialog')
    const loaded = page.evaluate(() => location.reload())
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await loaded
    await expect(page.getByRole('textbox', { name: /^Text of/ })).toHaveValue('The lamp was cleaned at noon.')
  })

  await test.step('once it is saved, nobody asks', async () => {
    await page.getByRole('button', { name: 'Save this page' }).click()
    await expect(page.getByText('Edited by hand')).toBeVisible({ timeout: 120_000 })
    await knowledgePage.open()
    await knowledgePage.waitUntilReady('log.txt')
  })

  await test.step('a model that does not answer is given up for the one before', async () => {
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByLabel('Embedding model').selectOption('compatible/silent@64')
    await page.getByRole('button', { name: 'Save and re-index' }).click()
    await expect(page.getByText('Re-indexing: 0 of 1 document done.')).toBeVisible()
    await page.getByRole('button', { name: 'Cancel re-indexing' }).click()
    const question = page.getByRole('dialog', { name: 'Cancel re-indexing?' })
    await expect(question).toContainText('No document has been changed yet.')
    await expectUsable(page, 'cancelling a re-index')
    await question.getByRole('button', { name: 'Cancel re-indexing' }).click()
    await expect(page.getByText(/^Re-indexing: /)).toBeHidden()
    await expect(page.getByLabel('Embedding model')).toHaveValue('use-lite')
    await page.getByRole('tab', { name: 'Documents' }).click()
    await knowledgePage.waitUntilReady('log.txt')
  })
  provider.close()
})
