import { buildId, builtPages, privatePages } from '../built-pages.ts'
import { expect, testOnOneApp } from '../one-app.ts'
import { spellingsOf, type Spelling } from '../spellings.ts'
import { createVisitor, type Answer, type Visitor } from '../visitor.ts'

const test = testOnOneApp(() => ({}))

const secret = 'kittiwake7421'
const password = 'seven green lanterns by the sea'
const owner = { name: `Ada ${secret}`, email: `ada.${secret}@example.com`, password }
const stranger = { name: 'Ben Guest', email: 'ben@example.com', password }

/** Pages with an id in them, and one of something that is the owner's. */
type Ids = Record<'/chat/[id]' | '/knowledge/documents/[id]', string>

async function plant(visitor: Visitor): Promise<Ids> {
  await visitor.signUp(owner)
  await visitor.signIn(owner)
  await visitor.call('PATCH', '/workspace', { name: `Society ${secret}` })
  await visitor.call('PUT', '/installation', { registration: 'open' })
  await visitor.call('POST', '/workspace/invitations', { email: `invited.${secret}@example.com`, role: 'viewer' })
  await visitor.call('POST', '/api-keys', { name: `Key ${secret}` })
  const conversation = await visitor.call<{ id: string }>('POST', '/conversations', { title: `About ${secret}` })
  const collection = await visitor.call<{ id: string }>('POST', '/collections', { name: `Papers ${secret}` })
  const added = await visitor.call<{ documents: { id: string }[] }>('POST', `/collections/${collection.id}/texts`, {
    title: `Minutes ${secret}`,
    text: `The word is ${secret}.`,
  })
  return { '/chat/[id]': conversation.id, '/knowledge/documents/[id]': added.documents[0]!.id }
}

/** What is wrong with an answer to somebody who may not see the page, in words; undefined when nothing is. */
function leakIn({ status, headers, body }: Answer, sent: Spelling['headers'] = {}): string | undefined {
  const whole = JSON.stringify(headers) + body
  if (whole.toLowerCase().includes(secret)) return `it shows the secret word (${status})`
  if (status >= 500) return `it fails with ${status}`
  if (JSON.stringify(sent).includes('evil.example') && whole.includes('evil.example')) return 'it believes a header'
  const location = URL.parse(headers.location ?? '', 'http://ours.example')
  if (location && location.hostname !== 'ours.example' && location.hostname !== '127.0.0.1') {
    return `it leads to ${location.origin}`
  }
  return undefined
}

/** Next sends requests for parts of a page to the address that their headers belong to; so would an attacker go there. */
async function followed(visitor: Visitor, { path, headers = {} }: Spelling): Promise<Answer> {
  const answer = await visitor.ask(path, { headers })
  const to = answer.headers.location
  return headers['rsc'] && to && /[?&]_rsc\b/.test(to) ? visitor.ask(to, { headers }) : answer
}

const differs = (answer: Answer, plain: Answer): boolean =>
  answer.status !== plain.status ||
  answer.headers.location !== plain.headers.location ||
  !answer.headers['content-security-policy']?.toString().includes("'strict-dynamic'")

const isKept = ({ headers }: Answer): boolean => !/private.*no-store/.test(headers['cache-control'] ?? '')

async function tryAll(visitor: Visitor, page: string, id: string | undefined, judge = leakIn): Promise<string[]> {
  const found: string[] = []
  const left = spellingsOf(page, buildId(), id).values()
  const tryNext = async () => {
    for (const spelling of left) {
      const problem = judge(await followed(visitor, spelling), spelling.headers)
      if (problem) found.push(`${spelling.path} ${JSON.stringify(spelling.headers ?? {})}: ${problem}`)
    }
  }
  await Promise.all([tryNext(), tryNext(), tryNext(), tryNext()])
  return found
}

test('no spelling of a page shows it to somebody whose it is not', async ({ app }) => {
  const [ada, ben, nobody] = [createVisitor(app.url), createVisitor(app.url), createVisitor(app.url)]
  const ids = await plant(ada)
  await ben.signUp(stranger)
  await ben.signIn(stranger)
  const idOf = (page: string): string | undefined => ids[page as keyof Ids]
  const addressOf = (page: string): string => page.replace('[id]', idOf(page) ?? '')
  const withoutId = builtPages.filter((page) => /\[/.test(page) && idOf(page) === undefined)
  expect(withoutId, 'pages with an id that this test has nothing for').toEqual([])

  await test.step('the owner sees the word on every page of theirs, and no copy of it may be kept', async () => {
    for (const page of privatePages) {
      for (const headers of [{}, { rsc: '1' }]) {
        const answer = await followed(ada, { path: addressOf(page), headers })
        expect.soft(answer.body, `${page} ${JSON.stringify(headers)}`).toContain(secret)
        expect.soft(isKept(answer), `${page} ${JSON.stringify(headers)} may be kept`).toBe(false)
      }
    }
  })

  await test.step('nobody who is not signed in sees it', async () => {
    for (const page of builtPages) {
      const plain = await nobody.ask(addressOf(page))
      const judge = (answer: Answer, sent: Spelling['headers'] = {}) =>
        'x-middleware-subrequest' in sent && differs(answer, plain)
          ? 'it believes that the gate was passed'
          : leakIn(answer, sent)
      expect.soft(await tryAll(nobody, addressOf(page), idOf(page), judge), page).toEqual([])
    }
  })

  await test.step('nor does somebody of another workspace', async () => {
    for (const page of Object.keys(ids)) {
      expect.soft(await tryAll(ben, addressOf(page), idOf(page)), page).toEqual([])
    }
  })

  await test.step('for the owner, no spelling turns a page into one that is kept or that leads away', async () => {
    for (const page of ['/settings', '/chat/[id]']) {
      const judge = (answer: Answer, sent?: Spelling['headers']) =>
        answer.body.includes(secret) && isKept(answer)
          ? 'it may be kept'
          : leakIn({ ...answer, body: answer.body.replaceAll(secret, '') }, sent)
      expect.soft(await tryAll(ada, addressOf(page), idOf(page), judge), page).toEqual([])
    }
  })
})
