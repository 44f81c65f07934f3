import { randomBytes } from 'node:crypto'
import OpenAI from 'openai'
import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import { encodePng, hugePictureHeader, pictureOfText, plainPicture } from './pictures.ts'
import { startBackend, type TestBackend } from './test-backend.ts'

const dataUrl = (bytes: Buffer, mediaType = 'image/png') => `data:${mediaType};base64,${bytes.toString('base64')}`
const image = (url: string): ChatCompletionContentPart => ({ type: 'image_url', image_url: { url } })
const asking = (text: string, ...parts: ChatCompletionContentPart[]): ChatCompletionMessageParam => ({
  role: 'user',
  content: [...parts, { type: 'text', text }],
})

describe('images through the OpenAI door', () => {
  let server: Awaited<ReturnType<typeof startModelServer>>
  let backend: TestBackend
  let client: OpenAI
  beforeAll(async () => {
    server = await startModelServer()
    backend = await startBackend({
      env: { OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, OPENAI_COMPATIBLE_MODEL: 'able' },
    })
    const { key } = await backend.createPerson()
    client = new OpenAI({ apiKey: key, baseURL: `${backend.url}/v1`, maxRetries: 0 })
  })
  afterAll(async () => {
    await backend?.close()
    await server?.close()
  })
  const ask = async (model: string, ...messages: ChatCompletionMessageParam[]) =>
    (await client.chat.completions.create({ model, messages })).choices[0]?.message.content

  it.each(['nitro-auto', 'compatible/able'])('%s answers from the bytes of an image', async (model) => {
    expect(await ask(model, asking('How large is it?', image(dataUrl(plainPicture(321, 123)))))).toContain('321 × 123')
  })

  it('streams such an answer too', async () => {
    const messages = [asking('How large is it?', image(dataUrl(plainPicture(21, 12))))]
    const stream = await client.chat.completions.create({ model: 'nitro-auto', messages, stream: true })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toContain('21 × 12')
  })

  it('reads the text of an image without a model', async () => {
    const said = await ask(
      'nitro-offline',
      asking('What is the total?', image(dataUrl(pictureOfText(['Total 11.30'])))),
    )
    expect(said).toContain('Total 11.30')
  })

  it('looks again at the image of a turn before, when the question goes on about it', async () => {
    const turns: ChatCompletionMessageParam[] = [
      asking('How large is it?', image(dataUrl(plainPicture(77, 66)))),
      { role: 'assistant', content: 'It is small.' },
    ]
    expect(await ask('nitro-auto', ...turns, { role: 'user', content: 'And the left side of it?' })).toContain(
      '77 × 66',
    )
    expect(await ask('nitro-auto', ...turns, { role: 'user', content: 'Who wrote Faust?' })).not.toContain('77 × 66')
  })

  it('takes images of some megabytes, which other requests may not have', async () => {
    const noise = randomBytes(1500 * 1500)
    const large = encodePng(1500, 1500, noise)
    expect(large.length).toBeGreaterThan(1024 * 1024)
    expect(await ask('nitro-auto', asking('How large is it?', image(dataUrl(large))))).toContain('1500 × 1500')
    const failure = await client.chat.completions
      .create({ model: 'nitro-auto', messages: [{ role: 'user', content: 'x'.repeat(13 * 1024 * 1024) }] })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ status: 413 })
  })

  it.each([
    ['an address', 'https://example.com/cat.png', /data: URL/],
    ['an address of this machine', 'http://127.0.0.1:8000/health', /data: URL/],
    ['a page', dataUrl(Buffer.from('<html>'), 'text/html'), /data:image/],
    ['an SVG', dataUrl(Buffer.from('<svg/>'), 'image/svg+xml'), /cannot be attached/],
    ['a bomb', dataUrl(hugePictureHeader(90_000, 90_000)), /at most 50 million/],
    ['no bytes', 'data:image/png;base64,', /empty/],
  ])('%s is refused with a 400 that says why', async (_, url, reason) => {
    for (const model of ['nitro-auto', 'compatible/able']) {
      const failure = await ask(model, asking('What is this?', image(url))).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        status: 400,
        type: 'invalid_request_error',
        message: expect.stringMatching(reason),
      })
    }
  })

  it('what is neither text nor image is refused by name', async () => {
    const audio = { type: 'input_audio', input_audio: { data: '', format: 'wav' } } as never
    const failure = await ask('nitro-auto', asking('What is this?', audio)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ status: 400, message: expect.stringContaining('not "input_audio"') })
  })
})
