import { createChatPage } from '../pages/chat-page.ts'
import { fourPages } from '../pages/knowledge-page.ts'
import { expect, test } from '../test.ts'

test('from an empty server to a cited answer that survives a refresh', async ({
  app,
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  await signUpPage.createFirstAccount()

  await test.step('a document is read while one watches', async () => {
    await knowledgePage.open()
    await knowledgePage.upload(fourPages)
    await knowledgePage.waitUntilReady('four-pages.pdf')
    await expect(knowledgePage.row('four-pages.pdf')).toContainText('4 pages')
  })

  await test.step('a question is answered with a citation', async () => {
    await chatPage.startNew()
    await chatPage.ask('Which keeper kept bees in the gallery?')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords('Jonas Pell')
    await expect(chatPage.questions).toHaveCount(1)
  })

  await test.step('the citation opens its page at the passage', async () => {
    await chatPage.citation(1).click()
    await expect(chatPage.source).toContainText('Page 3 of 4')
    await expect(chatPage.markOnPicture).toBeInViewport()
    await chatPage.showText()
    await expect(chatPage.source.locator('mark')).toContainText('Jonas Pell')
    await expect(chatPage.source.locator('mark')).toBeInViewport()
    await page.getByRole('button', { name: 'Previous page' }).click()
    await expect(chatPage.source).toContainText('Page 2 of 4')
    await page.keyboard.press('Escape')
    await expect(chatPage.source).toBeHidden()
  })

  await test.step('how it was answered can be seen', async () => {
    await chatPage.openTrace()
    await expect(chatPage.trace).toContainText('knowledge')
    await expect(chatPage.trace).toContainText('nitro-offline')
    await expect(chatPage.trace.getByRole('heading', { name: /^Confidence: \d+ %$/ })).toBeVisible()
    const checked = chatPage.trace.getByRole('listitem').filter({ hasText: 'Supported, measured as' })
    await expect(checked.filter({ hasText: 'Jonas Pell' }).first()).toBeVisible()
    await page.keyboard.press('Escape')
  })

  await test.step('a refresh in mid-answer loses nothing', async () => {
    await app.killBackend()
    const words = Array.from({ length: 60 }, (_, index) => `word${index} `)
    await app.startBackend({ deltas: words, delayMs: 100 })
    await chatPage.startNew()
    await chatPage.ask('Tell me slowly about the lamp')
    await chatPage.waitForWords('word5 ')
    await page.reload()
    await expect(chatPage.lastAnswer).toHaveAttribute('data-status', 'writing')
    await chatPage.waitForStatus('complete')
    expect((await chatPage.words()).trim()).toBe(words.join('').trim())
    await expect(chatPage.questions).toHaveCount(1)
    await page.reload()
    await chatPage.waitForStatus('complete')
    expect((await chatPage.words()).trim()).toBe(words.join('').trim())
  })
})

test('an answer can be stopped, and a draft outlives a refresh', async ({ app, page, signUpPage, chatPage }) => {
  await app.killBackend()
  await app.startBackend({ deltas: Array.from({ length: 400 }, (_, index) => `word${index} `), delayMs: 50 })
  await signUpPage.createFirstAccount()
  await chatPage.ask('Say a lot')
  await chatPage.waitForWords('word3 ')
  await page.getByRole('button', { name: 'Stop the answer' }).click()
  await chatPage.waitForStatus('stopped')
  await expect(chatPage.lastAnswer).toContainText('You stopped this answer here.')
  const kept = await chatPage.words()
  await chatPage.field.fill('Half a thou')
  await page.reload()
  await expect(chatPage.field).toHaveValue('Half a thou')
  expect(await chatPage.words()).toBe(kept)
})

test('two tabs that send at once lose neither message', async ({ app, page, context, signUpPage, chatPage }) => {
  await signUpPage.createFirstAccount()
  await chatPage.ask('What is 2 + 2?')
  await chatPage.waitForStatus('complete')
  const otherTab = await context.newPage()
  const other = createChatPage(otherTab)
  await otherTab.goto(page.url())
  await other.waitForStatus('complete')

  await app.killBackend()
  await app.startBackend({ deltas: Array.from({ length: 80 }, (_, index) => `word${index} `), delayMs: 60 })
  const itself = /\/conversations\/[^/]+$/
  // The other tab does not hear of the answer that is being written, as if both had sent in the same moment.
  await otherTab.route(itself, (route) => route.abort())
  await other.field.fill('Second')
  await chatPage.field.fill('First')
  await page.keyboard.press('Enter')
  await chatPage.waitForWords('word1 ')
  await other.field.press('Enter')

  await expect(otherTab.getByText('An answer is still being written here')).toBeVisible()
  await expect(other.field).toHaveValue('Second')
  await otherTab.unroute(itself)
  // The refused tab shows what the other one asked, and joins its answer.
  await expect(other.questions).toHaveText(['What is 2 + 2?', 'First'])
  await other.waitForWords('word79')
  await other.waitForStatus('complete')
  await other.field.press('Enter')
  await expect(other.questions).toHaveText(['What is 2 + 2?', 'First', 'Second'])
  await expect(other.answers).toHaveCount(3)
  await other.waitForStatus('complete')
})
