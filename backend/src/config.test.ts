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
