import { APICallError } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { failureKind, modelFailure, retryAfterSeconds } from './failures.ts'
import { refusesImages } from './port.ts'

const label = { name: 'openai/gpt', provider: 'openai', keyName: 'OPENAI_API_KEY' }
const secret = 'sk-live-1234'

const answered = (statusCode: number, given: { headers?: Record<string, string>; data?: unknown } = {}) =>
  new APICallError({
    message: `${secret} went wrong`,
    url: 'https://user:pw@provider.invalid/v1',
    requestBodyValues: { prompt: secret },
    responseBody: secret,
    statusCode,
    responseHeaders: given.headers ?? {},
    data: given.data,
  })
const network = (code: string) =>
  new APICallError({
    message: `Cannot connect to API: ${secret}`,
    url: 'https://provider.invalid',
    requestBodyValues: {},
    cause: Object.assign(new Error(secret), { code }),
  })

describe('what a provider does to us', () => {
  it.each([
    [answered(401), 'model_unauthorized', /OPENAI_API_KEY/],
    [answered(403), 'model_unauthorized', /refused/],
    [answered(402), 'model_rate_limited', /credit/],
    [answered(429, { data: { error: { code: 'insufficient_quota' } } }), 'model_rate_limited', /credit/],
    [answered(429), 'model_rate_limited', /Try again in a moment/],
    [answered(400, { data: { error: { code: 'context_length_exceeded' } } }), 'model_failed', /too long/],
    [answered(400), 'model_failed', /did not accept/],
    [answered(404), 'model_not_found', /does not know/],
    [answered(408), 'model_timeout', /too long/],
    [answered(500), 'model_failed', /problem of its own/],
    [answered(529), 'model_failed', /problem of its own/],
    [network('ECONNREFUSED'), 'model_failed', /Nothing answers/],
    [network('ENOTFOUND'), 'model_failed', /cannot be found/],
    [network('UND_ERR_CONNECT_TIMEOUT'), 'model_timeout', /too long/],
    [network('DEPTH_ZERO_SELF_SIGNED_CERT'), 'model_failed', /certificate/],
    [network('ECONNRESET'), 'model_failed', /broke/],
    [{ error: { type: 'rate_limit_error', message: secret } }, 'model_rate_limited', /no more requests/],
    [new TypeError('terminated'), 'model_failed', /broke/],
    [new SyntaxError(secret), 'model_failed', /not a model's answer/],
    [secret, 'model_failed', /./],
    [undefined, 'model_failed', /./],
  ])('becomes a code and a sentence: %s', (error, code, sentence) => {
    const failure = modelFailure(label, error, { textBegun: false })
    expect(failure.code).toBe(code)
    expect(failure.message).toMatch(sentence)
    expect(failure.message + (failure.cause as Error).message + JSON.stringify(failure.cause)).not.toContain(secret)
  })

  it('is an interruption once words have arrived, and says that they are kept', () => {
    const failure = modelFailure(label, answered(429, { headers: { 'retry-after': '9' } }), { textBegun: true })
    expect(failure).toMatchObject({ code: 'model_interrupted', retryAfterSeconds: 9 })
    expect(failure.message).toContain('kept')
  })
})

describe('how long to wait', () => {
  const now = Date.parse('2026-11-21T10:00:00Z')
  it.each([
    ['7', 7],
    ['1.2', 2],
    ['Sat, 21 Nov 2026 10:01:30 GMT', 90],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['999999999', 3600],
    ['soon', undefined],
    ['-5', undefined],
  ])('is read from %s', (header, seconds) => {
    const read = retryAfterSeconds(answered(429, { headers: { 'retry-after': header } }), now)
    expect(read).toBe(seconds)
  })
})

describe('a model without eyes', () => {
  const said = (statusCode: number, responseBody: string) =>
    new APICallError({ message: 'x', url: 'https://provider.invalid', requestBodyValues: {}, responseBody, statusCode })

  it.each([
    [400, 'Invalid content type. image_url is only supported by certain models.'],
    [404, 'No endpoints found that support image input'],
    [400, 'mistral-small is not a multimodal model'],
    [500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
    [400, 'This model does not support images.'],
    [400, 'Image input is not enabled for this model'],
    [500, 'this model is missing data required for image input'],
  ])('is known by a %i and "%s"', (status, body) => {
    const failure = modelFailure(label, said(status, body), { textBegun: false })
    expect(refusesImages(failure)).toBe(true)
    expect(failureKind(failure)).toBe('request')
    expect(failure.message).toBe('openai/gpt cannot look at images. Choose a model that can.')
  })

  it.each([
    [400, 'image exceeds 5 MB maximum'],
    [400, 'Could not process image: it cannot be decoded and is not supported'],
    [400, 'messages.0.content: Input should be a valid string'],
    [500, 'Internal server error'],
    [429, 'This model does not support images right now'],
  ])('is not taken for one that says %i and "%s"', (status, body) => {
    expect(refusesImages(modelFailure(label, said(status, body), { textBegun: false }))).toBe(false)
  })
})
