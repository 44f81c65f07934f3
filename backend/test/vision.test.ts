import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { textOf } from '@nitroagi/shared/message-parts'
import type { NitroChunk, Run } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import { pictureOfText, plainPicture } from './pictures.ts'
import { chunksIn, startBackend, type Person, type TestBackend } from './test-backend.ts'

const receipt = pictureOfText(['Corner Cafe', 'Two coffees 7.40', 'One cake 3.90', 'Total 11.30'])

/** Uploads pictures, sends them with a question, and reads the answer to its end. */
async function askWith(
  person: Person,
  text: string,
  pictures: readonly Buffer[],
  { conversationId, options }: { conversationId?: string; options?: object } = {},
) {
  const attachments: string[] = []
  for (const picture of pictures) {
    const answer = await person.request('/api/v1/attachments?name=receipt.png', {
      method: 'POST',
      body: new Uint8Array(picture),
    })
    attachments.push(((await answer.json()) as { id: string }).id)
  }
  const id =
    conversationId ??
    ((await (await person.request('/api/v1/conversations', { method: 'POST', json: {} })).json()) as { id: string }).id
  const sent = await person.request(`/api/v1/conversations/${id}/messages`, {
    method: 'POST',
    json: { text, ...(attachments.length > 0 ? { attachments } : {}), ...(options ? { options } : {}) },
  })
  expect(sent.status).toBe(202)
  const { run } = (await sent.json()) as { run: Run }
  const chunks = chunksIn(await (await person.request(`/api/v1/runs/${run.id}/events`)).text())
  return { conversationId: id, ...told(chunks) }
}

function told(chunks: NitroChunk[]) {
  const ofType = <Type extends NitroChunk['type']>(type: Type) =>
    chunks.filter((chunk): chunk is Extract<NitroChunk, { type: Type }> => chunk.type === type)
  return {
    text: ofType('text-delta')
      .map(({ delta }) => delta)
      .join(''),
    end: chunks.at(-1),
    plan: ofType('data-plan').at(-1)?.data,
    steps: ofType('data-step')
      .map(({ data }) => data)
      .filter(({ status }) => status !== 'running'),
    notices: ofType('data-notice').map(({ data }) => data),
    run: ofType('data-run').at(-1)?.data,
  }
}

async function addDocument(person: Person, text: string): Promise<void> {
  const made = await person.request('/api/v1/collections', { method: 'POST', json: { name: 'Rules' } })
  const { id } = (await made.json()) as { id: string }
  await person.request(`/api/v1/collections/${id}/documents?name=travel.txt`, { method: 'POST', body: text })
  for (;;) {
    const { items } = (await (await person.request('/api/v1/documents')).json()) as { items: { status: string }[] }
    if (items[0]?.status === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('a picture, without any model', () => {
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    backend = await startBackend()
    alice = await backend.createPerson()
  })
  afterAll(() => backend?.close())

  it('is read, quoted, and what could not be seen is said', async () => {
    const { text, plan, steps, run } = await askWith(alice, 'What is the total?', [receipt])
    expect(plan?.steps.map(({ module }) => module)).toEqual(['vision'])
    expect(text).toContain('Nearest to your question:\n\n```text\nTotal 11.30\n```')
    expect(text).toContain('```text\nCorner Cafe\nTwo coffees 7.40\nOne cake 3.90\nTotal 11.30\n```')
    expect(text).toContain('Only letters were read, in English')
    expect(text).toContain('NITRO_VISION_MODEL')
    expect(run?.model).toBe('tesseract')
    expect(steps[0]).toMatchObject({
      model: 'tesseract',
      summary: 'Read 4 lines of text in receipt.png',
      usage: { inputTokens: 0, outputTokens: 0, estimated: false, costUsd: 0 },
      confidenceBasis: expect.stringContaining('not of the answer'),
    })
    expect(steps[0]?.confidence).toBeGreaterThan(0.8)
  })

  it('without text in it is said to be without text', async () => {
    const { text, steps } = await askWith(alice, 'What is the total?', [plainPicture(200, 100, 200)])
    expect(text).toContain('I found no text in “receipt.png”.')
    expect(steps[0]).toMatchObject({ confidence: null, summary: 'Read 0 lines of text in receipt.png' })
  })

  it('is still known when the next question goes on about it, and not when it asks something else', async () => {
    const { conversationId } = await askWith(alice, 'What is the total?', [receipt])
    const next = await askWith(alice, 'And what did the cake cost?', [], { conversationId })
    expect(next.text).toContain('One cake 3.90')
    const other = await askWith(alice, 'Who wrote the travel policy?', [], { conversationId })
    expect(other.plan?.steps.map(({ module }) => module)).not.toContain('vision')
  })

  it('that cannot be decoded ends in a typed error, and the backend goes on', async () => {
    const broken = Buffer.concat([receipt.subarray(0, 60), Buffer.alloc(100, 7)])
    const { end, steps } = await askWith(alice, 'What is the total?', [broken])
    expect(end?.type).toBe('error')
    expect(steps.at(-1)?.error?.code).toMatch(/invalid_input|step_failed/)
    expect((await askWith(alice, 'What is the total?', [receipt])).text).toContain('Total 11.30')
  })

  it('is quoted beside the documents, when the question is about both', async () => {
    const bob = await backend.createPerson()
    await addDocument(bob, 'The travel policy allows a total of 20.00 for coffees and cake on each day.')
    const { text, plan } = await askWith(bob, 'Is the total allowed according to our travel policy?', [receipt])
    expect(plan?.steps.map(({ module }) => module).toSorted()).toEqual(
      expect.arrayContaining(['knowledge', 'language', 'vision']),
    )
    expect(text).toContain('“receipt.png” says:')
    expect(text).toContain('Total 11.30')
    expect(text).toContain('20.00 for coffees and cake')
  })

  it('the module says that it works, and what it works with', async () => {
    const tried = await alice.request('/api/v1/modules/vision/test', { method: 'POST' })
    // A person of the tests is the owner of their workspace; their key has no admin right.
    const result =
      tried.status === 403 ? await backend.request('/api/v1/modules/vision/test', { method: 'POST' }) : tried
    expect(await result.json()).toMatchObject({ passed: true, detail: 'tesseract read the word NITRO in a picture' })
  })
})

describe('a picture, with a model that sees', () => {
  let server: Awaited<ReturnType<typeof startModelServer>>
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    server = await startModelServer()
    backend = await startBackend({
      env: { OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, OPENAI_COMPATIBLE_MODEL: 'able' },
    })
    alice = await backend.createPerson()
  })
  afterAll(async () => {
    await backend?.close()
    await server?.close()
  })

  it('is answered from its bytes', async () => {
    const { text, steps, run } = await askWith(alice, 'How large is it?', [plainPicture(320, 200)])
    expect(text).toContain('PNG of 320 × 200 pixels')
    expect(run?.model).toBe('compatible/able')
    expect(steps.at(-1)).toMatchObject({ module: 'vision', summary: 'Looked at receipt.png' })
  })

  it('is shown again with a follow-up, four at most', async () => {
    const { conversationId } = await askWith(alice, 'Which is larger?', [plainPicture(11, 12), plainPicture(13, 14)])
    const { text } = await askWith(alice, 'And the left one?', [], { conversationId })
    expect(text).toContain('11 × 12')
    expect(text).toContain('13 × 14')
    const detail = (await (await alice.request(`/api/v1/conversations/${conversationId}`)).json()) as ConversationDetail
    expect(detail.messages.map(({ parts }) => textOf(parts))[2]).toBe('And the left one?')
  })

  it.each(['sequential', 'parallel', 'pipeline', 'conditional', 'consensus'])(
    'is looked at by the strategy %s as well',
    async (strategy) => {
      const options = { strategy }
      const seen = await askWith(alice, 'How large is it?', [plainPicture(320, 200)], { options })
      expect([seen.run?.status, seen.text]).toEqual(['completed', expect.stringContaining('PNG of 320 × 200 pixels')])
      const read = await askWith(alice, 'What is the total?', [receipt], {
        options: { ...options, model: 'nitro-offline' },
      })
      expect([read.run?.status, read.text]).toEqual(['completed', expect.stringContaining('Total 11.30')])
    },
  )

  it('is handed to a model that writes, when the question is also about documents', async () => {
    const bob = await backend.createPerson()
    await addDocument(bob, 'The policy allows pictures of 9 by 8 pixels.')
    const { text, steps, run } = await askWith(bob, 'Is this allowed according to our policy?', [plainPicture(9, 8)])
    expect(run?.status).toBe('completed')
    expect(steps.map(({ module, status }) => [module, status])).toContainEqual(['vision', 'completed'])
    expect(text).toContain('The policy allows pictures')
    const asked = server.requests.map(({ body }) => JSON.stringify(body)).filter((body) => body?.includes('<reading'))
    expect(asked).toHaveLength(1)
    expect(asked[0]).toContain('PNG of 9 × 8 pixels')
    expect(asked[0]).not.toContain('<draft>')
  })

  it('goes to nobody when nitro-offline was asked for', async () => {
    const before = server.calls()
    const { text } = await askWith(alice, 'What is the total?', [receipt], { options: { model: 'nitro-offline' } })
    expect(text).toContain('Total 11.30')
    expect(server.calls()).toBe(before)
  })
})

describe('a picture, with a model that is blind', () => {
  let blind: Server
  let asked: { hasImage: boolean }[]
  let backend: TestBackend
  let alice: Person
  beforeAll(async () => {
    asked = []
    blind = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        const hasImage = Buffer.concat(chunks).includes('image_url')
        asked.push({ hasImage })
        response.writeHead(400, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: { message: 'This model does not support image input.', code: 400 } }))
      })()
    })
    blind.listen(0, '127.0.0.1')
    await once(blind, 'listening')
    backend = await startBackend({
      env: {
        OPENAI_COMPATIBLE_BASE_URL: `http://127.0.0.1:${(blind.address() as AddressInfo).port}/v1`,
        OPENAI_COMPATIBLE_MODEL: 'text-only',
      },
    })
    alice = await backend.createPerson()
  })
  afterAll(async () => {
    await backend?.close()
    blind?.closeAllConnections()
    blind?.close()
  })

  it('is read letter by letter, with a word on why, and the model is not asked again', async () => {
    const first = await askWith(alice, 'What is the total?', [receipt])
    expect(first.text).toContain('Total 11.30')
    expect(first.notices).toContainEqual(
      expect.objectContaining({
        code: 'vision_by_ocr',
        message: 'compatible/text-only cannot look at pictures, so only the text in them was read.',
      }),
    )
    expect(first.run?.status).toBe('completed')
    expect(asked).toEqual([{ hasImage: true }])
    const second = await askWith(alice, 'What did the cake cost?', [receipt])
    expect(second.text).toContain('One cake 3.90')
    expect(asked).toHaveLength(1)
  })
})
