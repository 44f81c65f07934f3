import { Readable } from 'node:stream'
import { crc32, deflateRawSync } from 'node:zlib'
import type { Document } from '@nitroagi/shared/knowledge'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { type KnowledgeBackend, openKnowledge, signUp } from './knowledge-backend.ts'
import { openMemory } from './test-database.ts'
import { createWordEmbedder } from './word-embedder.ts'

let backend: KnowledgeBackend
let call: Call
let collectionId: string
let collections = 0

beforeAll(async () => {
  const connection = await openMemory()
  backend = await openKnowledge(connection, createWordEmbedder())
  call = await signUp(connection)
})
afterAll(() => backend.close())
beforeEach(async () => {
  collectionId = (await backend.collections.create(call, { name: `archives ${++collections}` })).id
})

interface Entry {
  name: string | Buffer
  content?: string | Buffer
  /** What the archive claims in place of the truth. */
  size?: number
  flags?: number
  attributes?: number
  crc?: number
}

/** An archive as nobody packs one. */
function archive(entries: Entry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content = 'Some text.', size, flags = 0x800, attributes = 0, crc } of entries) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const path = Buffer.from(name)
    const about = Buffer.alloc(26)
    about.writeUInt16LE(20, 0)
    about.writeUInt16LE(flags, 2)
    about.writeUInt16LE(8, 4)
    about.writeUInt32LE(crc ?? crc32(bytes), 10)
    about.writeUInt32LE(packed.length, 14)
    about.writeUInt32LE(size ?? bytes.length, 18)
    about.writeUInt16LE(path.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(attributes >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, path, packed])
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), about, rest, path]))
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.length, 4)
  end.writeUInt16LE(parts.length, 6)
  end.writeUInt32LE(Buffer.concat(directory).length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end])
}

async function upload(name: string, bytes: Buffer): Promise<Document> {
  const { documents } = await backend.documents.upload(call, collectionId, { name }, Readable.from([bytes]))
  return documents[0]!
}
const take = async (name: string, bytes: Buffer) => backend.settled(call, (await upload(name, bytes)).id)

async function inside(): Promise<Document[]> {
  const { items } = await backend.documents.list(call, { collectionId, limit: 200 })
  const taken = items.filter(({ mediaType }) => mediaType !== 'application/zip')
  return Promise.all(taken.map(({ id }) => backend.settled(call, id)))
}
const names = async () => {
  const { items } = await backend.documents.list(call, { collectionId, limit: 200 })
  return items.flatMap(({ name, mediaType }) => (mediaType === 'application/zip' ? [] : name)).toSorted()
}

it('makes a document of each file in an archive, called by its path, that can be searched', async () => {
  const document = await take(
    'harbour.zip',
    archive([
      { name: 'reports/', content: '' },
      { name: 'reports/ferry.md', content: '# Ferry\n\nThe ferry is called Mirabel.\n' },
      { name: 'notes.txt', content: 'The pier is closed.' },
      { name: '__MACOSX/reports/._ferry.md', content: 'x' },
      { name: '.DS_Store', content: 'x' },
      { name: 'Thumbs.db', content: 'x' },
    ]),
  )
  expect(document).toMatchObject({
    status: 'ready',
    mediaType: 'application/zip',
    notice: null,
    pagesTotal: 2,
    pagesDone: 2,
  })
  expect((await inside()).map(({ name, externalId, status }) => [name, externalId, status]).toSorted()).toEqual([
    ['notes.txt', 'harbour.zip/notes.txt', 'ready'],
    ['reports/ferry.md', 'harbour.zip/reports/ferry.md', 'ready'],
  ])
  const { hits } = await backend.search.search(call, {
    query: 'What is the ferry called?',
    collectionIds: [collectionId],
  })
  expect(hits[0]).toMatchObject({ externalId: 'harbour.zip/reports/ferry.md' })
  expect((await backend.collections.find(call, collectionId)).documentCount).toBe(2)
})

it('leaves out what is not safe or cannot be read, and says what and why', async () => {
  const link = (0o120777 << 16) | 0
  const document = await take(
    'odd.zip',
    archive([
      { name: 'good.txt' },
      { name: '../up.txt', content: 'up' },
      { name: 'a/../../b.txt', content: 'up and away' },
      { name: '/etc/passwd', content: 'root' },
      { name: 'C:/windows.txt', content: 'drive' },
      { name: 'back\\slash.txt', content: 'slash' },
      { name: 'control\u0007.txt', content: 'bell' },
      { name: 'link.txt', content: '/etc/passwd', attributes: link },
      { name: 'secret.txt', content: 'locked', flags: 0x801 },
      { name: 'twice.txt', content: 'first' },
      { name: 'twice.txt', content: 'second' },
      { name: 'broken.txt', content: 'broken', size: 100 },
      { name: 'inner.zip', content: archive([{ name: 'x.txt' }]) },
      { name: 'program.bin', content: Buffer.from([0, 1, 2, 3, 0, 0, 0]) },
    ]),
  )
  expect(document).toMatchObject({ status: 'ready', pagesTotal: 14 })
  expect(document.notice).toMatch(/^12 of 14 files were left out: .*, and 7 more$/)
  expect(await names()).toEqual(['good.txt', 'twice.txt'])
  const reasons = new Map<string, string>()
  for (let number = 1; number <= 14; number++) {
    const { label, text } = await backend.documents.page(call, document.id, number)
    reasons.set(`${number} ${label}`, text)
  }
  expect(Object.fromEntries(reasons)).toEqual({
    '1 good.txt': 'Taken in as a document of its own',
    '2 ../up.txt': 'Left out: its path leads elsewhere',
    '3 a/../../b.txt': 'Left out: its path leads elsewhere',
    '4 /etc/passwd': 'Left out: its path begins at the root',
    '5 C:/windows.txt': 'Left out: its path begins at the root',
    '6 back\\slash.txt': 'Left out: its name holds a backslash',
    '7 control\uFFFD.txt': 'Left out: its name holds characters that no name has',
    '8 link.txt': 'Left out: it is a link or a device, not a file',
    '9 secret.txt': 'Left out: it is protected by a password',
    '10 twice.txt': 'Taken in as a document of its own',
    '11 twice.txt': 'Left out: it is in the archive twice',
    '12 broken.txt': 'Left out: it is damaged',
    '13 inner.zip': 'Left out: it is an archive within the archive',
    '14 program.bin': expect.stringContaining('Left out: this is binary data'),
  })
})

it('does not unpack bombs', async () => {
  const zeros = Buffer.alloc(40 * 1024 * 1024)
  const bomb = await take('bomb.zip', archive([{ name: 'good.txt' }, { name: 'zeros.txt', content: zeros }]))
  expect(bomb.notice).toContain('zeros.txt (it unpacks to hundreds of times its size)')
  const lie = await take('lie.zip', archive([{ name: 'fine.txt' }, { name: 'lie.txt', content: zeros, size: 10 }]))
  expect(lie.notice).toContain('lie.txt (it is damaged)')
  const huge = Array.from({ length: 30 }, (_, at) => ({ name: `${at}.txt`, size: 90 * 1024 * 1024 }))
  expect(await take('huge.zip', archive(huge))).toMatchObject({
    status: 'failed',
    error: { code: 'document_too_large' },
  })
  const many = Array.from({ length: 10_001 }, (_, at) => ({ name: `${at}.txt`, content: '' }))
  expect(await take('many.zip', archive(many))).toMatchObject({
    status: 'failed',
    error: { code: 'document_too_large' },
  })
  expect(await names()).toEqual(['fine.txt', 'good.txt'])
})

it.each<[string, Buffer, string]>([
  ['is cut', archive([{ name: 'a.txt' }]).subarray(0, 60), 'document_corrupt'],
  ['has no files', archive([{ name: 'folder/', content: '' }]), 'document_no_text'],
  [
    'holds nothing that can be read',
    archive([{ name: 'x.bin', content: Buffer.from([0, 1, 0]) }]),
    'document_unsupported',
  ],
])('fails with a reason when the archive %s', async (_, bytes, code) => {
  expect(await take('bad.zip', bytes)).toMatchObject({ status: 'failed', error: { code } })
  expect(await inside()).toEqual([])
})

it('takes a newer archive of the same name as newer versions, and another archive beside it', async () => {
  await take(
    'a.zip',
    archive([
      { name: 'same.txt', content: 'as it was' },
      { name: 'new.txt', content: 'one' },
    ]),
  )
  const before = await inside()
  await take(
    'a.zip',
    archive([
      { name: 'same.txt', content: 'as it was' },
      { name: 'new.txt', content: 'two' },
    ]),
  )
  const after = await inside()
  expect(after.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted())
  expect(after.find(({ name }) => name === 'same.txt')?.version).toBe(1)
  expect(after.find(({ name }) => name === 'new.txt')?.version).toBe(2)
  await take('b.zip', archive([{ name: 'same.txt', content: 'as it was' }]))
  expect(await names()).toEqual(['new.txt', 'same.txt', 'same.txt'])
})

it('goes on where it was cut, with every file once', async () => {
  const files = Array.from({ length: 12 }, (_, at) => ({ name: `${at}.txt`, content: `Text number ${at}.` }))
  const { id } = await upload('long.zip', archive(files))
  for (;;) {
    const { pagesDone, status } = await backend.documents.find(call, id)
    if (pagesDone >= 3 || status === 'ready') break
    // The embedded database answers within this very turn; without a pause nobody else would get one.
    await new Promise(setImmediate)
  }
  await backend.documents.pause(call, id)
  expect(await backend.documents.find(call, id)).toMatchObject({ paused: true })
  await backend.documents.resume(call, id)
  expect(await backend.settled(call, id)).toMatchObject({ status: 'ready', notice: null, pagesDone: 12 })
  expect(await names()).toHaveLength(12)
})
