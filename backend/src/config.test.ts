import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Environment as WebEnvironment } from '../../frontend/config.ts'
import { Environment, readConfig } from './config.ts'

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
const lines = example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

it('lists in .env.example exactly what can be set', () => {
  const listed = lines.map((line) => line.split('=')[0])
  // Where the web app listens is read by the launcher alone.
  const known = [...Object.keys(Environment.shape), ...Object.keys(WebEnvironment.shape), 'PORT']
  expect(listed.toSorted()).toEqual([...new Set(known)].toSorted())
})

it('starts with .env.example copied as it is, as it does without any setting', () => {
  const copied = readConfig(Object.fromEntries(lines.map((line) => line.split('=') as [string, string])))
  expect(copied).toEqual(readConfig({}))
})

it('names every setting that cannot be used, all at once', () => {
  const start = () => readConfig({ BACKEND_PORT: 'eight', NITRO_PUBLIC_URL: 'nowhere', NITRO_EMBEDDING_WORKERS: '0' })
  expect(start).toThrow(/BACKEND_PORT[^]*NITRO_PUBLIC_URL[^]*NITRO_EMBEDDING_WORKERS/)
})

it.each([
  ['a Postgres', 'postgresql://someone@db.example.org/nitro', 'postgres'],
  ['Neon', 'postgresql://someone@ep-x-pooler.eu-central-1.aws.neon.tech/nitro', 'neon'],
  ['a name that only looks like Neon', 'postgresql://someone@neon.tech.example.org/nitro', 'postgres'],
])('picks the adapter for %s by its address', (_, url, adapter) => {
  expect(readConfig({ DATABASE_URL: url }).database.adapter).toBe(adapter)
})

it('keeps files in a bucket when one is named, and says what is missing', () => {
  expect(readConfig({}).objectStore.adapter).toBe('filesystem')
  expect(readConfig({ NITRO_S3_BUCKET: 'files' }).objectStore).toMatchObject({ adapter: 's3', region: 'us-east-1' })
  expect(() => readConfig({ NITRO_S3_REGION: 'eu-central-1' })).toThrow('NITRO_S3_REGION needs NITRO_S3_BUCKET')
  expect(() => readConfig({ NITRO_S3_BUCKET: 'files', NITRO_S3_ACCESS_KEY_ID: 'a' })).toThrow('belong together')
})

it('sends letters when a server and a sender are named, and says what is missing', () => {
  const server = { NITRO_SMTP_URL: 'smtps://nitro:secret@mail.example.org:465' }
  expect(readConfig({}).mail).toBeUndefined()
  expect(readConfig({ ...server, NITRO_MAIL_FROM: 'nitro@example.org' }).mail).toMatchObject({
    from: 'nitro@example.org',
  })
  expect(() => readConfig(server)).toThrow('needs NITRO_MAIL_FROM')
  expect(() => readConfig({ NITRO_MAIL_FROM: 'nitro@example.org' })).toThrow('needs NITRO_SMTP_URL')
  expect(readConfig({ NITRO_WEB_URL: 'https://nitro.example.org/' }).webUrl).toBe('https://nitro.example.org')
})

it('has the embedding models that were named, the first one for new collections, and always use-lite', () => {
  expect(readConfig({}).embedder.models).toEqual([{ kind: 'use-lite' }])
  const folder = readConfig({ NITRO_EMBEDDING_MODEL_DIR: '/models/e5' }).embedder.models
  expect(folder).toMatchObject([{ kind: 'local', dir: '/models/e5' }, { kind: 'use-lite' }])
  const models = readConfig({
    NITRO_EMBEDDING_MODEL: 'openai/text-embedding-3-small, compatible/bge-m3@1024, local',
    NITRO_EMBEDDING_MODEL_DIR: '/models/e5',
    NITRO_EMBEDDING_QUESTION_PREFIX: 'query:',
    OPENAI_API_KEY: 'sk-any',
    OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:11434/v1',
  }).embedder.models
  expect(models).toMatchObject([
    { kind: 'provider', provider: 'openai', modelId: 'text-embedding-3-small', dimensions: 1536 },
    {
      kind: 'provider',
      provider: 'compatible',
      modelId: 'bge-m3',
      dimensions: 1024,
      prefixes: { question: 'query: ' },
    },
    { kind: 'local', dir: '/models/e5' },
    { kind: 'use-lite' },
  ])
})

it.each([
  ['openai/text-embedding-3-small', /needs OPENAI_API_KEY/],
  ['google/gemini-embedding-001', /needs GOOGLE_GENERATIVE_AI_API_KEY/],
  ['compatible/bge-m3', /compatible\/bge-m3@768/],
  ['compatible/bge-m3@1024', /needs OPENAI_COMPATIBLE_BASE_URL/],
  ['local', /needs NITRO_EMBEDDING_MODEL_DIR/],
  ['cohere/embed', /must be use-lite, local/],
])('says what the embedding model %s needs', (model, words) => {
  expect(() => readConfig({ NITRO_EMBEDDING_MODEL: model })).toThrow(words)
})
