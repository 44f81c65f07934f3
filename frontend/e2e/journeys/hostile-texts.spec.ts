import type { Page } from '@playwright/test'
import { privatePages } from '../built-pages.ts'
import { hostileNames, hostileTexts } from '../fixtures/hostile-texts.ts'
import { watchForHarm } from '../harm.ts'
import { expect, testOnOneApp } from '../one-app.ts'
import { createChatPage } from '../pages/chat-page.ts'
import { owner } from '../pages/sign-up-page.ts'
import { createVisitor, type Visitor } from '../visitor.ts'

const test = testOnOneApp(() => ({}))

// Each picture of so long a page would be kept for a trace.
test.use({ trace: 'off' })

/** Each name of the corpus has its turn, whatever asks for one. */
let turn = 0
const next = (): string => hostileNames[turn++ % hostileNames.length]!

const whole = hostileTexts.join('\n\n')
// What a question that is about something finds, and an answer cites.
const citable = 'The lighthouse keeper counts the gulls at noon. '

async function plant(visitor: Visitor) {
  await visitor.signUp({ ...owner, name: next() })
  await visitor.signIn(owner)
  await visitor.call('PATCH', '/workspace', { name: next() })
  const { id } = await visitor.call<{ id: string }>('POST', '/collections', {
    name: next(),
    description: next(),
    tags: ['<b>tag</b>'],
  })
  for (let count = 0; count < 20; count++) {
    await visitor.call('POST', '/collections', { name: `${count} ${next()}`, description: next() })
    await visitor.call('POST', '/conversations', { title: next() })
    await visitor.call('POST', '/api-keys', { name: next() })
  }
  const documents: string[] = []
  for (let count = 0; count < 8; count++) {
    const text = new TextEncoder().encode(`${citable.repeat(3)}\n\n${count} ${next()}`)
    documents.push(await visitor.upload({ collectionId: id }, `${next().replaceAll('/', '∕')} ${count}.md`, text))
    await visitor.call('POST', `/collections/${id}/texts`, { title: `${count} ${next()}`, text: next() })
  }
  const page = new TextEncoder().encode(
    `<!doctype html><title>${next()}</title><h1>Gulls</h1><p>${citable}</p>${whole}`,
  )
  documents.push(await visitor.upload({ collectionId: id }, 'page.html', page))
  documents.push(await visitor.upload({ collectionId: id }, 'page.txt', new TextEncoder().encode(citable + whole)))
  for (let count = 0; count < 10; count++) {
    await visitor.call('POST', `/collections/${id}/golden-questions`, {
      question: `${count} ${next()}`,
      documentId: documents[0]!,
      quote: next(),
      note: next(),
    })
  }
  const { link } = await visitor.call<{ link: string }>('POST', '/workspace/invitations', { role: 'viewer' })
  return { documents, invitation: link, collection: id }
}

async function untilRead(visitor: Visitor) {
  await expect(async () => {
    const { items } = await visitor.call<{ items: { status: string }[] }>('GET', '/documents?limit=100')
    expect(items.filter(({ status }) => !['ready', 'failed'].includes(status))).toEqual([])
  }).toPass({ timeout: 120_000 })
}

/** Loaded, as far as it ever is: a page may go on listening for what changes. */
async function settled(page: Page) {
  await expect(page.getByText('__xss').first()).toBeVisible()
  await page.waitForLoadState('networkidle', { timeout: 1_000 }).catch(() => undefined)
}

test('nothing that somebody, a document or a model has written does anything in a page', async ({ app, page }) => {
  expect(hostileTexts.length).toBeGreaterThan(300)
  await app.killBackend()
  // In pieces, as a model says it: half of a link is there before the other half.
  const deltas = whole.match(/[^]{1,120}/g)!
  await app.startBackend({ deltas })
  const ada = createVisitor(app.url)
  const { documents, invitation, collection } = await plant(ada)
  await page.context().addCookies(ada.cookies())
  const harm = await watchForHarm(page.context())
  const chat = createChatPage(page)

  await test.step('a message, its title, and the answer as it is written', async () => {
    await page.goto('/chat')
    await chat.ask(whole)
    await chat.waitForStatus('complete')
    await harm.expectNone(page, 'an answer that has just been written')
    await page.reload()
    await chat.waitForStatus('complete')
    await harm.expectNone(page, 'an answer that was stored')
  })

  await untilRead(ada)
  await app.killBackend()
  await app.startBackend({ deltas: ['The keeper counts the gulls [1].'] })
  await test.step('what an answer cites, with the title and the words of the document', async () => {
    await page.goto('/chat')
    await chat.ask('Who counts the gulls at noon, and where is the lighthouse keeper?')
    await chat.waitForStatus('complete')
    await chat.citation(1).click()
    await expect(chat.source).toBeVisible()
    await harm.expectNone(page, 'a cited passage')
    await page.keyboard.press('Escape')
    await chat.openTrace()
    await harm.expectNone(page, 'how it was answered')
  })

  await test.step('every page that shows names', async () => {
    for (const path of privatePages.filter((path) => !path.includes('['))) {
      await page.goto(path)
      await settled(page)
      await harm.expectNone(page, path)
    }
    await page.goto(`/knowledge?collection=${collection}`)
    await settled(page)
    await harm.expectNone(page, 'a collection')
    await page.goto(invitation)
    await settled(page)
    await harm.expectNone(page, 'an invitation')
  })

  await test.step('documents, as they were read', async () => {
    for (const id of documents.slice(-3)) {
      await page.goto(`/knowledge/documents/${id}`)
      await settled(page)
      await harm.expectNone(page, 'a document')
    }
  })

  await test.step('the original of one, opened as an address', async () => {
    const saved = page.waitForEvent('download')
    await page.goto(`/api/backend/documents/${documents.at(-2)}/content`).catch(() => undefined)
    expect((await saved).suggestedFilename()).toBe('page.html')
    await harm.expectNone(page, 'after saving a document')
  })
})

test('harm would be seen', async ({ page }) => {
  const harm = await watchForHarm(page.context())
  await page.goto('about:blank')
  await page.setContent(
    '<img src="https://evil.example/hostile.png" onerror="window.__xss = 1"><iframe></iframe><a href="javascript:1">press</a>',
  )
  await page.waitForFunction(() => window.__xss === 1)
  const found = (await harm.found(page)).join('\n')
  for (const words of [/asks for/, /has a handler/, /has an element/, /leads to a script/, /ran the script/]) {
    expect(found).toMatch(words)
  }
})
