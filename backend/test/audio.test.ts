import { Transcription } from '@nitroagi/shared/audio'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import type { Ticket } from '@nitroagi/shared/identity'
import { ModuleStateList, ModuleTestResult, SystemInfo } from '@nitroagi/shared/modules'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietSecond } from '../src/modules/audio/quiet-second.ts'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import { startBackend, chunksIn, webOrigin, type Person, type TestBackend } from './test-backend.ts'

const failure = async (response: Response) => ({
  status: response.status,
  ...ErrorEnvelope.parse(await response.json()).error,
})
const transcribe = (person: Person, body: NonNullable<RequestInit['body']>) =>
  person.request('/api/v1/audio/transcriptions', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/octet-stream' },
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
const speak = (person: Person, json: unknown) => person.request('/api/v1/audio/speech', { method: 'POST', json })
const names = async (person: Person) =>
  SystemInfo.parse(await (await person.request('/api/v1/system')).json()).modules.map(({ name }) => name)

describe('without a provider that listens or speaks', () => {
  it('lists no audio module, and says what to set', async () => {
    const backend = await startBackend()
    try {
      const ada = await backend.createPerson()
      expect(await names(ada)).not.toContain('audio')
      expect(await failure(await transcribe(ada, quietSecond()))).toMatchObject({
        status: 503,
        code: 'unavailable',
        message: expect.stringMatching(/OPENAI_API_KEY.*NITRO_TRANSCRIPTION_MODEL/),
      })
      expect((await failure(await speak(ada, { text: 'Hello' }))).message).toMatch(/NITRO_SPEECH_MODEL/)
    } finally {
      await backend.close()
    }
  })
})

describe('with a server that listens and speaks', () => {
  let server: Awaited<ReturnType<typeof startModelServer>>
  let backend: TestBackend
  let ada: Person
  beforeAll(async () => {
    server = await startModelServer()
    backend = await startBackend({
      env: {
        OPENAI_COMPATIBLE_BASE_URL: server.baseUrl,
        OPENAI_COMPATIBLE_MODEL: 'healthy',
        NITRO_TRANSCRIPTION_MODEL: 'compatible/ears',
        NITRO_SPEECH_MODEL: 'compatible/mouth',
      },
    })
    ada = await backend.createPerson()
  })
  afterAll(async () => {
    await backend?.close()
    await server?.close()
  })

  const spoken = () =>
    server.requests.filter(({ url }) => url === '/v1/audio/speech').map(({ body }) => (body as { input: string }).input)
  const store = async (person: Person, role: string, text: string) => {
    const conversation = await person.request('/api/v1/conversations', { method: 'POST', json: {} })
    const { id } = (await conversation.json()) as { id: string }
    const [row] = await backend.ports.connection.query<{ id: string }>(
      `INSERT INTO messages (workspace_id, conversation_id, role, parts) VALUES ($1, $2, $3, $4::jsonb) RETURNING id`,
      [person.workspaceId, id, role, JSON.stringify([{ type: 'text', text }])],
    )
    return row!.id
  }

  it('takes a dictation straight from a page of our own, with a ticket for one attachment', async () => {
    const dictate = async (origin: string, kind = 'attachment') => {
      const made = await ada.request('/api/v1/tickets', { method: 'POST', json: { kind } })
      const { ticket, url } = (await made.json()) as Ticket
      const address = new URL('/api/v1/audio/transcriptions', url.replace(/^ws/, 'http'))
      const headers = { authorization: `Bearer ${ticket}`, origin, 'content-type': 'application/octet-stream' }
      return fetch(address, { method: 'POST', headers, body: new Uint8Array(quietSecond()) })
    }
    const answer = await dictate(webOrigin)
    expect(answer.headers.get('access-control-allow-origin')).toBe(webOrigin)
    expect(Transcription.parse(await answer.json()).text).toContain('A recording of')
    expect((await dictate('https://evil.example')).status).toBe(401)
    expect((await dictate(webOrigin, 'websocket')).status).toBe(401)
  })

  it('writes down a recording', async () => {
    const heard = Transcription.parse(await (await transcribe(ada, quietSecond())).json())
    const text = 'A recording of 32044 bytes.'
    expect(heard).toEqual({ text, language: 'en', durationSeconds: 1, model: 'compatible/ears' })
  })

  it('takes recordings only, and of a size', async () => {
    expect(await failure(await transcribe(ada, ''))).toMatchObject({ status: 400 })
    expect(await failure(await transcribe(ada, 'just words'))).toMatchObject({ status: 415 })
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
      'base64',
    )
    expect(await failure(await transcribe(ada, png))).toMatchObject({ status: 415 })
    const large = Buffer.concat([quietSecond(), Buffer.alloc(25 * 1024 * 1024)])
    expect(await failure(await transcribe(ada, large))).toMatchObject({ status: 413 })
    // Without a declared length it is counted as it comes.
    const pieces = [large.subarray(0, 20_000_000), large.subarray(20_000_000)]
    const undeclared = new ReadableStream({
      pull: (controller) => {
        const piece = pieces.shift()
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    })
    expect(await failure(await transcribe(ada, undeclared))).toMatchObject({ status: 413 })
  })

  it('reads an answer aloud without its marks, long ones piece by piece', async () => {
    const sentences = Array.from({ length: 150 }, (_, index) => `Sentence **${index}** of a long answer [1].`)
    const id = await store(ada, 'assistant', sentences.join(' '))
    const before = spoken().length
    const response = await speak(ada, { messageId: id })
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    const audio = Buffer.from(await response.arrayBuffer())
    const pieces = spoken().slice(before)
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.every((piece) => piece.length <= 4_000)).toBe(true)
    expect(pieces.join(' ')).toBe(sentences.join(' ').replace(/\*\*| \[1\]/g, ''))
    expect(audio.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfb]))
    expect(audio.length).toBeGreaterThan(10_000)
  })

  it('reads a text aloud, in a voice that is asked for', async () => {
    expect((await speak(ada, { text: 'Good morning', voice: 'nova' })).status).toBe(200)
    expect(server.requests.at(-1)?.body).toMatchObject({ model: 'mouth', input: 'Good morning', voice: 'nova' })
    const id = await store(ada, 'assistant', 'x')
    for (const wrong of [
      {},
      { text: '' },
      { text: ' ' },
      { text: 'x'.repeat(4_001) },
      { text: 'x', messageId: id },
      { messageId: 'x' },
      { text: 'x', voice: '../voice' },
    ]) {
      expect(await failure(await speak(ada, wrong))).toMatchObject({ status: 400, code: 'invalid_input' })
    }
    expect(await failure(await speak(ada, { messageId: await store(ada, 'assistant', '') }))).toMatchObject({
      message: 'There is nothing to read aloud in this message',
    })
  })

  it('reads nobody else’s messages, be they strangers or of the same workspace', async () => {
    const bob = await backend.createPerson()
    const id = await store(ada, 'assistant', 'Secret')
    expect(await failure(await speak(bob, { messageId: id }))).toMatchObject({ status: 404 })
    const { userId } = await backend.createPerson('carol@example.com')
    await backend.ports.connection.query('DELETE FROM api_keys WHERE user_id = $1', [userId])
    await backend.ports.connection.query('UPDATE memberships SET workspace_id = $1 WHERE user_id = $2', [
      ada.workspaceId,
      userId,
    ])
    const key = await backend.request('/api/v1/operator/keys', {
      method: 'POST',
      json: { email: 'carol@example.com', name: 'x' },
    })
    const { key: carols } = (await key.json()) as { key: string }
    const headers = { authorization: `Bearer ${carols}` }
    const json = { messageId: id }
    const response = await backend.request('/api/v1/audio/speech', { method: 'POST', json, headers })
    expect(await failure(response)).toMatchObject({ status: 404 })
  })

  it('is tried, and can be turned off', async () => {
    const tried = await ada.request('/api/v1/modules/audio/test', { method: 'POST' })
    expect(ModuleTestResult.parse(await tried.json())).toMatchObject({
      passed: true,
      detail: expect.stringMatching(/^compatible\/mouth said "Nitro", and compatible\/ears heard "A recording of/),
    })
    const turn = (isEnabled: boolean) => ada.request('/api/v1/modules/audio', { method: 'PATCH', json: { isEnabled } })
    await turn(false)
    expect(await failure(await speak(ada, { text: 'Hello' }))).toMatchObject({ status: 503, code: 'unavailable' })
    expect((await failure(await transcribe(ada, quietSecond()))).message).toMatch(/is off here/)
    await turn(true)
    expect((await speak(ada, { text: 'Hello' })).status).toBe(200)
    const { items } = ModuleStateList.parse(await (await ada.request('/api/v1/modules')).json())
    expect(items.find(({ name }) => name === 'audio')?.capabilities).toEqual(['transcribe', 'speak'])
  })

  it('hears the recording that comes with a question', async () => {
    const upload = await ada.request('/api/v1/attachments?name=memo.wav', {
      method: 'POST',
      body: quietSecond(),
      headers: { 'content-type': 'application/octet-stream' },
    })
    const { id } = (await upload.json()) as { id: string }
    const conversation = await ada.request('/api/v1/conversations', { method: 'POST', json: {} })
    const { id: conversationId } = (await conversation.json()) as { id: string }
    const response = await ada.request(`/api/v1/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      json: { text: 'What does the memo say?', attachments: [id] },
    })
    const chunks = chunksIn(await response.text())
    const steps = chunks.flatMap((chunk) => (chunk.type === 'data-step' ? [chunk.data] : []))
    expect(steps.findLast(({ module }) => module === 'audio')).toMatchObject({
      status: 'completed',
      model: 'compatible/ears',
      usage: null,
      summary: 'Wrote down 1 of 1 recording, 1 s',
    })
    const asked = server.requests.findLast(({ url }) => url === '/v1/chat/completions')
    expect(JSON.stringify(asked?.body)).toContain('A recording of 32044 bytes.')
    expect(chunks.at(-1)?.type).toBe('finish')
  })

  it('gives the provider’s call up when the person leaves', async () => {
    const env = {
      OPENAI_COMPATIBLE_BASE_URL: server.baseUrl,
      NITRO_TRANSCRIPTION_MODEL: 'compatible/hang',
      NITRO_SPEECH_MODEL: 'compatible/hang',
    }
    const slow = await startBackend({ env })
    try {
      const bob = await slow.createPerson()
      for (const [path, init] of [
        ['transcriptions', { body: quietSecond() }],
        ['speech', { json: { text: 'Hello' } }],
      ] as const) {
        const before = server.requests.length
        const gone = new AbortController()
        const asked = bob.request(`/api/v1/audio/${path}`, { method: 'POST', signal: gone.signal, ...init })
        asked.catch(() => {})
        await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(before + 1)
        gone.abort()
        await expect(asked).rejects.toThrow()
        await expect.poll(() => server.requests[before]?.closedEarly, { timeout: 10_000 }).toBe(true)
      }
    } finally {
      await slow.close()
    }
  })
})
