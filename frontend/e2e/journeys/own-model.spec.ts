import { createHash } from 'node:crypto'
import { fourPages } from '../pages/knowledge-page.ts'
import { draw, type ChosenFile } from '../pictures.ts'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

// Each on a model server of this machine; what its model does is said in backend/test/model-server-main.ts.
test.beforeEach(async ({ app, modelServer, signUpPage }) => {
  await app.killBackend()
  await app.startBackend(undefined, { OPENAI_COMPATIBLE_BASE_URL: modelServer.baseUrl })
  await signUpPage.createFirstAccount()
})

/** What the model says of a picture, which it can only know from the bytes that reached it. */
const seen = ({ buffer }: ChosenFile) =>
  `${buffer.readUInt32BE(16)} × ${buffer.readUInt32BE(20)} pixels (${createHash('sha256').update(buffer).digest('hex').slice(0, 8)})`

test('a picture is shown to the model, and stays in the conversation', async ({ page, chatPage }) => {
  const chart = await draw(page, { name: 'chart.png', width: 320, height: 200, lines: ['Chart'] })
  const map = await draw(page, { name: 'map.png', width: 96, height: 64 })

  await test.step('a first message with a picture is answered from its bytes', async () => {
    await chatPage.attach(chart)
    await expectUsable(page, 'a new message with a picture')
    await chatPage.ask('What does this picture show?')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords(seen(chart))
    await expect(chatPage.picture('chart.png')).toBeVisible()
    await expectUsable(page, 'an answer to a picture')
  })

  await test.step('the picture opens large, and the keyboard closes it', async () => {
    await chatPage.picture('chart.png').click()
    const dialog = page.getByRole('dialog', { name: 'chart.png' })
    await expect(dialog.getByRole('img', { name: 'chart.png' })).toBeVisible()
    await expectUsable(page, 'a picture, large')
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
  })

  await test.step('an unsent picture outlives a reload, and can be taken away', async () => {
    await chatPage.attach(map, { ...map, name: 'second.png' })
    await chatPage.field.fill('And this one?')
    await page.reload()
    await expect(chatPage.field).toHaveValue('And this one?')
    await expect(chatPage.attachments).toHaveCount(2)
    await page.getByRole('button', { name: 'Remove second.png' }).click()
    await expect(chatPage.attachments).toHaveCount(1)
    await chatPage.field.press('Enter')
    await expect(chatPage.answers).toHaveCount(2)
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords(seen(map))
    await expect(chatPage.attachments).toHaveCount(0)
  })

  await test.step('all of it is still there after a reload', async () => {
    await page.reload()
    await chatPage.waitForWords(seen(map))
    for (const name of ['chart.png', 'map.png']) {
      await expect(chatPage.picture(name)).toBeVisible()
      // A picture that did not load has no width of its own.
      await expect
        .poll(() => chatPage.picture(name).evaluate((image: HTMLImageElement) => image.naturalWidth))
        .toBeGreaterThan(0)
    }
  })
})

test('what cannot be attached is said at once, and a cut upload goes on when asked', async ({ page, chatPage }) => {
  const picture = await draw(page, { name: 'photo.png', width: 64, height: 64 })

  await test.step('a document is sent to where documents go', async () => {
    await chatPage.choose({ name: 'notes.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
    await expect(chatPage.attachments).toContainText('Add documents under Knowledge')
    await expect(chatPage.attachments.getByRole('button', { name: /again/ })).toHaveCount(0)
    await page.getByRole('button', { name: 'Remove notes.pdf' }).click()
  })

  await test.step('what only calls itself a picture is refused by its bytes', async () => {
    await chatPage.choose({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<html><script>1</script>') })
    await expect(chatPage.attachments).toHaveAttribute('data-status', 'failed')
    await chatPage.field.fill('What is it?')
    await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled()
    await expectUsable(page, 'a refused attachment')
    await page.getByRole('button', { name: 'Remove page.png' }).click()
    await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled()
  })

  await test.step('an upload that was cut off is tried again', async () => {
    const uploads = /\/api\/v1\/attachments\?/
    await page.route(uploads, (route) => route.abort())
    await chatPage.choose(picture)
    await expect(chatPage.attachments).toHaveAttribute('data-status', 'failed')
    await page.unroute(uploads)
    await page.getByRole('button', { name: 'Try photo.png again' }).click()
    await expect(chatPage.attachments).toHaveAttribute('data-status', 'ready')
    await chatPage.field.press('Enter')
    await chatPage.waitForStatus('complete')
    await chatPage.waitForWords(seen(picture))
  })

  await test.step('a pasted picture and a dropped one are attached too', async () => {
    const bytes = picture.buffer.toString('base64')
    const carried = await page.evaluateHandle((bytes) => {
      const transfer = new DataTransfer()
      const data = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))
      transfer.items.add(new File([data], 'carried.png', { type: 'image/png' }))
      return transfer
    }, bytes)
    await chatPage.field.evaluate(
      (field, transfer) =>
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })),
      carried,
    )
    await expect(chatPage.attachments).toHaveCount(1)
    await page.getByRole('region', { name: 'Messages' }).dispatchEvent('drop', { dataTransfer: carried })
    await expect(chatPage.attachments).toHaveCount(2)
    await expect(chatPage.attachments.and(page.locator('[data-status="ready"]'))).toHaveCount(2)
  })
})

test('the model uses tools, and one sees which and what they gave', async ({ page, chatPage }) => {
  await chatPage.ask('Please use a tool for 17 * 3, as part of a longer story')
  await chatPage.waitForStatus('complete')
  await chatPage.waitForWords(/The tools gave: .*51/)
  await expect(chatPage.tools).toHaveCount(1)
  await expect(chatPage.tools).toContainText(/Used the calculator: .*51/)

  await page.reload()
  await chatPage.waitForWords(/The tools gave: .*51/)
  await expect(chatPage.tools).toContainText(/Used the calculator: .*51/)
  await chatPage.tools.locator('summary').click()
  await expect(chatPage.tools.getByRole('region', { name: 'Given' })).toHaveText(/17 \* 3/)
  await expect(chatPage.tools.getByRole('region', { name: 'Result' })).toHaveText(/51/)
  await expectUsable(page, 'an answer with a tool')
})

test('a model plans what is complex, and the trace shows its steps', async ({ page, knowledgePage, chatPage }) => {
  await knowledgePage.open()
  await knowledgePage.upload(fourPages)
  await knowledgePage.waitUntilReady('four-pages.pdf')
  await chatPage.startNew()
  await chatPage.ask(
    'Which keeper kept bees in the gallery? How many steps has the climb to the gallery? Look both up, then write them down.',
  )
  await chatPage.waitForStatus('complete')
  await chatPage.openTrace()
  await expect(chatPage.trace).toContainText('a model')
  for (const task of ['Look up the first half', 'Look up the second half', 'Answer from both']) {
    await expect(chatPage.trace).toContainText(task)
  }
  await expectUsable(page, 'the trace of a model’s plan')
  await page.reload()
  await chatPage.openTrace()
  await expect(chatPage.trace).toContainText('Look up the first half')
})
