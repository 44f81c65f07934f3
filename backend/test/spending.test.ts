import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Cap, MySpending, WorkspaceSpending } from '@nitroagi/shared/spending'
import type { NitroChunk, StepData } from '@nitroagi/shared/runs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { createSpendingRepository } from '../src/ports/database/spending.ts'
import { createEmbedders } from '../src/ports/embedder/embedders.ts'
import { createProviderEmbedder } from '../src/ports/embedder/provider.ts'
import { startEmbeddingServer } from '../src/ports/embedder/embedding-server.ts'
import { startModelServer } from '../src/ports/language-model/model-server.ts'
import { createScriptedLanguageModels, type Script } from '../src/ports/language-model/scripted.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'

const env = { NITRO_RATE_LIMITS: 'free=100000/500' }
/** A dollar a million tokens in, two out: this answer costs $0.0021. */
const usage = { inputTokens: 100, outputTokens: 1_000 }
const answerUsd = 0.0021

const ask = (person: Person, body: object = {}) =>
  person.request('/v1/chat/completions', {
    method: 'POST',
    json: { model: 'scripted/default', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1_000, ...body },
  })

async function booksOf(person: Person): Promise<WorkspaceSpending> {
  const response = await person.request('/api/v1/workspace/spending')
  expect(response.status).toBe(200)
  return (await response.json()) as WorkspaceSpending
}

async function cap(person: Person, change: Partial<Record<'workspace' | 'member', Partial<Cap>>>): Promise<void> {
  const whole = Object.fromEntries(
    Object.entries(change).map(([name, part]) => [name, { usd: null, tokens: null, ...part }]),
  )
  const response = await person.request('/api/v1/workspace/spending', { method: 'PUT', json: whole })
  expect(response.status).toBe(200)
}

const capOne = (person: Person, path: string, wanted: Partial<Cap> | null) =>
  person.request(`/api/v1/workspace/spending/${path}`, {
    method: 'PUT',
    json: { cap: wanted && { usd: null, tokens: null, ...wanted } },
  })

const stepsIn = (chunks: readonly NitroChunk[]): StepData[] => [
  ...new Map(
    chunks.flatMap((chunk) => (chunk.type === 'data-step' ? [[chunk.data.id, chunk.data] as const] : [])),
  ).values(),
]

const costIn = (chunks: readonly NitroChunk[]): number =>
  stepsIn(chunks).reduce((sum, { usage: used }) => sum + (used?.costUsd ?? 0), 0)

const runIn = (chunks: readonly NitroChunk[]) =>
  chunks.flatMap((chunk) => (chunk.type === 'data-run' ? [chunk.data] : []))

eachDatabase((_, database) => {
  let connection: Connection
  let backend: TestBackend
  let script: Script | ((options: LanguageModelV4CallOptions) => Script)
  let calls: () => number

  beforeAll(async () => {
    connection = await database.open()
    const models = createScriptedLanguageModels((options) => (typeof script === 'function' ? script(options) : script))
    calls = () => models.calls.length
    backend = await startBackend({ env, ports: { connection, models } })
  })
  afterAll(() => backend.close())
  afterEach(() => void (script = {}))

  const someone = () => backend.createPerson(`${randomUUID()}@example.com`)

  it('never spends more than the workspace may, whatever is asked at once', async () => {
    const owner = await someone()
    await cap(owner, { workspace: { usd: 0.025 } })
    script = { usage, firstDelayMs: 30 }
    const before = calls()
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(owner)))
    const made = answers.filter(({ status }) => status === 200).length
    expect(made).toBeGreaterThan(5)
    expect(calls() - before).toBe(made)
    expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true)
    // What was set aside and not used is there for others, one after the other, until it is too little.
    let later = 0
    while ((await ask(owner)).status === 200) later++
    const all = made + later
    expect(calls() - before).toBe(all)
    const { workspace, members, keys } = await booksOf(owner)
    for (const spent of [workspace.spent, members[0]!.spent, keys[0]!.spent]) {
      expect(spent.usd).toBeCloseTo(all * answerUsd, 9)
      expect(spent.tokens).toBe(all * 1_100)
      expect(spent).toMatchObject({ reservedUsd: 0, reservedTokens: 0 })
    }
    expect(workspace.spent.usd).toBeLessThanOrEqual(0.025)
  })

  it('holds caps in tokens, of everybody, of one member and of one key, each by itself', async () => {
    const owner = await someone()
    script = { usage }
    await cap(owner, { member: { tokens: 3_000 } })
    const made: number[] = []
    const askUntilRefused = async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask(owner)))
      made.push(answers.filter(({ status }) => status === 200).length)
      return answers.find(({ status }) => status !== 200)!
    }
    expect(await (await askUntilRefused()).json()).toMatchObject({
      error: { message: expect.stringContaining('your own') },
    })
    expect([1, 2]).toContain(made[0])

    await capOne(owner, `members/${owner.userId}`, { tokens: 6_000 })
    await askUntilRefused()
    const { keys } = await booksOf(owner)
    await capOne(owner, `members/${owner.userId}`, {})
    await capOne(owner, `keys/${keys[0]!.keyId}`, { tokens: 7_000 })
    expect(await (await askUntilRefused()).json()).toMatchObject({
      error: { message: expect.stringContaining('this API key') },
    })
    const books = await booksOf(owner)
    expect(books.keys[0]!.spent.tokens).toBe(made.reduce((sum, count) => sum + count * 1_100, 0))
    expect(books.keys[0]!.spent.tokens).toBeLessThanOrEqual(7_000)
    expect(books.keys[0]!.cap).toEqual({ usd: null, tokens: 7_000 })
    expect(books.members[0]!.cap).toEqual({ usd: null, tokens: null })
    expect(books.memberCap).toEqual({ usd: null, tokens: 3_000 })

    await capOne(owner, `keys/${keys[0]!.keyId}`, null)
    expect((await ask(owner)).status).toBe(200)
    await capOne(owner, `members/${owner.userId}`, null)
    expect((await ask(owner)).status).toBe(429)
  })

  it('counts what was spent where nothing is capped, and a later cap knows of it', async () => {
    const owner = await someone()
    script = { usage }
    expect((await ask(owner)).status).toBe(200)
    expect((await booksOf(owner)).workspace.spent.usd).toBeCloseTo(answerUsd, 9)
    await cap(owner, { workspace: { usd: 0.003 } })
    expect((await ask(owner)).status).toBe(429)
    const mine = (await (await owner.request('/api/v1/me/spending')).json()) as MySpending
    expect(mine).toMatchObject({ cap: { usd: null, tokens: null }, spent: { tokens: 1_100, reservedTokens: 0 } })
    expect(mine.month).toBe(`${new Date().toISOString().slice(0, 7)}-01`)
    // A cap that is lifted holds no longer.
    await cap(owner, { workspace: {} })
    expect((await ask(owner)).status).toBe(200)
  })

  it('adds up to what the traces show, chat and failed answers included', async () => {
    const owner = await someone()
    await cap(owner, { workspace: { usd: 5 } })
    script = { usage }
    const whole = await owner.ask('Why is the sky blue?')
    script = { deltas: ['The', ' sky'], failAfter: 1, failure: 'cut' }
    const broken = await owner.ask('And at night?')
    const shown = costIn(whole.chunks) + costIn(broken.chunks)
    expect(shown).toBeGreaterThan(answerUsd)
    const { workspace } = await booksOf(owner)
    expect(workspace.spent.usd).toBeCloseTo(shown, 9)
    expect(workspace.spent).toMatchObject({ reservedUsd: 0, reservedTokens: 0 })
  })

  it('ends an answer with whose cap is reached and when it begins anew', async () => {
    const owner = await someone()
    await cap(owner, { workspace: { tokens: 10 } })
    const before = calls()
    const { chunks } = await owner.ask('Why is the sky blue?')
    expect(calls()).toBe(before)
    expect(runIn(chunks).at(-1)).toMatchObject({ status: 'failed' })
    const notices = chunks.flatMap((chunk) => (chunk.type === 'data-notice' ? [chunk.data] : []))
    const { code, message } = notices.at(-1)!
    expect(code).toBe('spending_cap_reached')
    expect(message).toContain('your workspace’s monthly cap in tokens')
    expect(message).toMatch(/begins anew on 1 \w+ \d{4} \(UTC\)/)
  })

  it('counts what was heard of an answer that was stopped, and gives the rest back', async () => {
    const owner = await someone()
    await cap(owner, { workspace: { usd: 1 } })
    script = { deltas: ['word '], repeat: 1_000, delayMs: 5 }
    const leave = new AbortController()
    const response = await owner.request('/v1/chat/completions', {
      method: 'POST',
      json: { model: 'scripted/default', messages: [{ role: 'user', content: 'Hi' }], stream: true },
      signal: leave.signal,
    })
    await response.body!.getReader().read()
    expect((await booksOf(owner)).workspace.spent.reservedUsd).toBeGreaterThan(0)
    leave.abort()
    await expect.poll(async () => (await booksOf(owner)).workspace.spent.reservedUsd).toBe(0)
    const { spent } = (await booksOf(owner)).workspace
    expect(spent.tokens).toBeGreaterThan(0)
    expect(spent.tokens).toBeLessThan(1_000)
  })

  it('gives back what a killed process had set aside, and counts the prompt that it had sent', async () => {
    const owner = await someone()
    const spender = { workspaceId: owner.workspaceId, userId: owner.userId }
    const books = createSpendingRepository(connection)
    const month = `${new Date().toISOString().slice(0, 7)}-01`
    const reservation = { month, most: { usd: 1, tokens: 9_000 }, least: { usd: 0.25, tokens: 1_000 } }
    for (const leaseSeconds of [-1, 900])
      await books.reserve(spender, { ...reservation, id: randomUUID(), leaseSeconds })
    expect((await booksOf(owner)).workspace.spent).toMatchObject({ reservedUsd: 2, usd: 0 })
    await Promise.all([books.sweep(), books.sweep()])
    expect((await booksOf(owner)).workspace.spent).toEqual({
      usd: 0.25,
      tokens: 1_000,
      reservedUsd: 1,
      reservedTokens: 9_000,
    })
  })

  it('lets owners and admins see and set caps, of their own workspace alone', async () => {
    const [owner, stranger] = [await someone(), await someone()]
    const theirs = await booksOf(stranger)
    const asked = [
      await capOne(owner, `members/${stranger.userId}`, { usd: 1 }),
      await capOne(owner, `keys/${theirs.keys[0]!.keyId}`, { usd: 1 }),
      await capOne(owner, `members/${randomUUID()}`, { usd: 1 }),
      await capOne(owner, `keys/${randomUUID()}`, { usd: 1 }),
    ]
    expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await capOne(owner, 'members/nobody', { usd: 1 })).status).toBe(400)
    expect((await capOne(owner, `members/${owner.userId}`, { usd: -1 })).status).toBe(400)
    expect((await booksOf(stranger)).members[0]!.cap).toBeNull()

    await connection.query(`UPDATE memberships SET role = 'editor' WHERE user_id = $1`, [owner.userId])
    await expect
      .poll(async () => (await owner.request('/api/v1/workspace/spending')).status, { timeout: 10_000 })
      .toBe(403)
    expect((await capOne(owner, `members/${owner.userId}`, { usd: 9 })).status).toBe(403)
    expect((await owner.request('/api/v1/me/spending')).status).toBe(200)
  })
})

describe('with providers', () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  async function withServer(more: Record<string, string> = {}) {
    const server = await startModelServer()
    open.push(() => server.close())
    const backend = await startBackend({
      env: { ...env, OPENAI_COMPATIBLE_BASE_URL: server.baseUrl, OPENAI_COMPATIBLE_MODEL: 'healthy', ...more },
    })
    open.push(() => backend.close())
    return { server, backend, owner: await backend.createPerson() }
  }

  it('answers offline where nobody insists on a model, and says why', async () => {
    const { server, owner } = await withServer()
    await cap(owner, { workspace: { tokens: 10 } })
    const { chunks } = await owner.ask('What is 17 times 3?')
    expect(server.calls()).toBe(0)
    expect(runIn(chunks).at(-1)).toMatchObject({ status: 'completed' })
    const notices = chunks.flatMap((chunk) => (chunk.type === 'data-notice' ? [chunk.data.message] : []))
    expect(notices.join(' ')).toMatch(/was not asked: .*monthly cap in tokens.*answered by nitro-offline/)
    expect((await booksOf(owner)).workspace.spent).toMatchObject({ tokens: 0, usd: 0, reservedTokens: 0 })
  })

  it('is answered to OpenAI’s clients as an empty account of theirs', async () => {
    const { server, owner } = await withServer()
    await cap(owner, { workspace: { tokens: 10 } })
    for (const stream of [false, true]) {
      const response = await ask(owner, { model: 'compatible/healthy', stream })
      expect(response.status).toBe(429)
      expect(response.headers.get('x-should-retry')).toBe('false')
      expect(await response.json()).toMatchObject({
        error: { code: 'insufficient_quota', type: 'insufficient_quota' },
      })
    }
    expect(server.calls()).toBe(0)
  })

  it('asks no model whose price nobody knows while there is a cap in dollars', async () => {
    const { server, owner } = await withServer()
    await cap(owner, { workspace: { usd: 100 } })
    const refused = await ask(owner, { model: 'compatible/healthy' })
    expect(refused.status).toBe(429)
    expect(JSON.stringify(await refused.json())).toContain('NITRO_MODEL_PRICES')
    expect(server.calls()).toBe(0)

    const priced = await withServer({ NITRO_MODEL_PRICES: 'compatible/*=1000/2000' })
    await cap(priced.owner, { workspace: { usd: 100 } })
    const answer = (await (await ask(priced.owner, { model: 'compatible/healthy' })).json()) as {
      nitro: { costUsd: number }
    }
    expect(answer.nitro.costUsd).toBeGreaterThan(0)
    expect((await booksOf(priced.owner)).workspace.spent.usd).toBeCloseTo(answer.nitro.costUsd, 9)
    // A model that costs nothing is not held up by a cap in dollars.
    const free = await withServer({ NITRO_MODEL_PRICES: 'compatible/*=0' })
    await cap(free.owner, { workspace: { usd: 0 } })
    expect((await ask(free.owner, { model: 'compatible/healthy' })).status).toBe(200)
  })

  it('lets a model say no more than was set aside for it', async () => {
    const { server, owner } = await withServer()
    await ask(owner, { model: 'compatible/healthy', max_tokens: undefined })
    await cap(owner, { workspace: { tokens: 1_000_000 } })
    await ask(owner, { model: 'compatible/healthy', max_tokens: undefined })
    const said = server.requests.flatMap(({ body }) => (body as { max_tokens?: number } | undefined) ?? [])
    expect(said.map((body) => body.max_tokens)).toEqual([undefined, 8_192])
  })

  it('shows and caps from the command line', async () => {
    const { backend, owner } = await withServer()
    await ask(owner, { model: 'compatible/healthy' })
    const nitro = async (...args: string[]) => {
      const main = join(import.meta.dirname, '../cli/main.ts')
      const own = { PATH: process.env['PATH'], NITRO_URL: backend.url, NITRO_API_KEY: owner.key }
      return (await promisify(execFile)(process.execPath, [main, ...args], { env: own })).stdout
    }
    await cap(owner, { workspace: { usd: 20 } })
    await nitro('spending', 'cap', '--workspace', '--tokens', '1000000')
    await nitro('spending', 'cap', '--user', owner.email, '--usd', '2.50')
    const shown = await nitro('spending', 'cap', '--api-key', owner.key.slice(0, 14), '--tokens', '5000')
    expect(shown).toMatch(/workspace .*\$20\.00 and 1,000,000 tokens/)
    expect(shown).toMatch(new RegExp(`${owner.email} .*\\$2\\.50`))
    expect(shown).toMatch(/nk_live_.* 5,000 tokens/)
    await nitro('spending', 'cap', '--workspace', '--usd', 'none', '--tokens', 'none')
    expect((await booksOf(owner)).workspace.cap).toEqual({ usd: null, tokens: null })
    expect(await nitro('spending')).toMatch(/workspace .* none/)
    // Each of these is a process of its own, which takes its time on a busy machine.
  }, 180_000)

  it('counts texts that a provider embeds', async () => {
    const server = await startEmbeddingServer()
    open.push(() => server.close())
    const embedder = createProviderEmbedder({
      provider: 'compatible',
      modelId: 'letters',
      dimensions: 8,
      baseUrl: server.baseUrl,
    })
    const backend = await startBackend({ env, ports: { embedders: createEmbedders([embedder]) } })
    open.push(() => backend.close())
    const owner = await backend.createPerson()
    const embed = () =>
      owner.request('/v1/embeddings', { method: 'POST', json: { model: embedder.id, input: ['one two three four'] } })
    expect((await embed()).status).toBe(200)
    expect((await booksOf(owner)).workspace.spent.tokens).toBeGreaterThan(0)
    await cap(owner, { workspace: { tokens: 10 } })
    const asked = server.requests.length
    expect((await embed()).status).toBe(429)
    expect(server.requests).toHaveLength(asked)
  })
})
