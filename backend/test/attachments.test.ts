import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Attachment, attachmentUrl } from '@nitroagi/shared/attachments'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import type { Ticket } from '@nitroagi/shared/identity'
import { limits } from '@nitroagi/shared/limits'
import type { Run } from '@nitroagi/shared/runs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../src/log.ts'
import { createAttachmentsRepository } from '../src/ports/database/attachments.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createFilesystemObjectStore } from '../src/ports/object-store/filesystem.ts'
import { createScriptedLanguageModels } from '../src/ports/language-model/scripted.ts'
import { createAttachments } from '../src/services/attachments.ts'
import { hugePictureHeader, pictureOfText, plainPicture } from './pictures.ts'
import { startBackend, webOrigin, type Person, type TestBackend } from './test-backend.ts'
import { eachDatabase } from './test-database.ts'

const picture = pictureOfText(['Total 11.30'])
const path = '/api/v1/attachments'

eachDatabase((_, database) => {
  let connection: Connection
  let folder: string
  let backend: TestBackend
  let alice: Person
  let bob: Person
  beforeAll(async () => {
    connection = await database.open()
    folder = await mkdtemp(join(tmpdir(), 'nitro-attachments-'))
    backend = await startBackend({
      ports: {
        connection,
        objectStore: createFilesystemObjectStore({ dir: folder }),
        models: createScriptedLanguageModels({ deltas: ['Seen.'] }),
      },
    })
    alice = await backend.createPerson()
    bob = await backend.createPerson()
  })
  afterAll(async () => {
    await backend?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const upload = (who: Person, body: Buffer, name = 'receipt.png') =>
    who.request(`${path}?name=${encodeURIComponent(name)}`, { method: 'POST', body: new Uint8Array(body) })
  const uploaded = async (who: Person, body: Buffer = picture, name?: string) => {
    const answer = await upload(who, body, name)
    expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([201, ''])
    return Attachment.parse(await answer.json())
  }
  const newConversation = async (who: Person) =>
    ((await (await who.request('/api/v1/conversations', { method: 'POST', json: {} })).json()) as { id: string }).id
  const send = (who: Person, conversationId: string, json: unknown, headers: Record<string, string> = {}) =>
    who.request(`/api/v1/conversations/${conversationId}/messages`, { method: 'POST', json, headers })
  const ended = async (who: Person, answer: Response) => {
    expect(answer.status).toBe(202)
    const { run } = (await answer.json()) as { run: Run }
    await (await who.request(`/api/v1/runs/${run.id}/events`)).text()
    return run
  }
  const filesOf = async ({ workspaceId }: Person) =>
    readdir(join(folder, workspaceId, 'attachments')).catch(() => [] as string[])
  const failure = async (answer: Response) => {
    const { error } = (await answer.json()) as { error: { code: string; message: string } }
    return { status: answer.status, ...error, requestId: undefined }
  }

  describe('an attachment', () => {
    it('is taken in, shown to its owner, and stands above the words of its message', async () => {
      const made = await uploaded(alice, picture, 'dir/../Beleg “März”.png')
      expect(made).toMatchObject({ name: 'Beleg “März”.png', mediaType: 'image/png', sizeBytes: picture.length })
      expect(made.width).toBeGreaterThan(100)
      const got = await alice.request(`${path}/${made.id}`)
      expect(Buffer.from(await got.arrayBuffer()).equals(picture)).toBe(true)
      expect(Object.fromEntries(got.headers)).toMatchObject({
        'content-type': 'image/png',
        'content-length': String(picture.length),
        'content-disposition': "inline; filename*=UTF-8''Beleg%20%E2%80%9CM%C3%A4rz%E2%80%9D.png",
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining('sandbox'),
        'cache-control': expect.stringContaining('private'),
      })

      const conversationId = await newConversation(alice)
      await ended(alice, await send(alice, conversationId, { text: 'What is this?', attachments: [made.id] }))
      const detail = (await (
        await alice.request(`/api/v1/conversations/${conversationId}`)
      ).json()) as ConversationDetail
      expect(detail.messages[0]?.parts).toEqual([
        { type: 'file', mediaType: 'image/png', filename: made.name, url: attachmentUrl(made.id) },
        { type: 'text', text: 'What is this?' },
      ])
    })

    it('is for its owner alone: for others it is not there', async () => {
      const { id } = await uploaded(alice)
      const missing = randomUUID()
      for (const ask of [
        (of: string) => bob.request(`${path}/${of}`),
        (of: string) => bob.request(`${path}/${of}`, { method: 'DELETE' }),
        async (of: string) => send(bob, await newConversation(bob), { text: 'Read it', attachments: [of] }),
      ]) {
        const foreign = await failure(await ask(id))
        expect(foreign).toMatchObject({ status: 404, code: 'not_found' })
        expect(foreign).toEqual(await failure(await ask(missing)))
      }
      expect((await alice.request(`${path}/${id}`)).status).toBe(200)
    })

    it('is sent once; the same send again is the same message', async () => {
      const [one, two] = [await uploaded(alice), await uploaded(alice)]
      const conversationId = await newConversation(alice)
      const message = { text: 'Look', attachments: [one.id] }
      const key = { 'idempotency-key': randomUUID() }
      const run = await ended(alice, await send(alice, conversationId, message, key))
      const again = (await (await send(alice, conversationId, message, key)).json()) as { run: Run }
      expect(again.run.id).toBe(run.id)

      const other = await newConversation(alice)
      const refused = await send(alice, other, { text: 'Look', attachments: [two.id, one.id] })
      expect(await failure(refused)).toMatchObject({ status: 404, message: expect.stringContaining('sent already') })
      // Nothing of a refused message was stored, so the other one is still free.
      const { messages } = (await (await alice.request(`/api/v1/conversations/${other}`)).json()) as ConversationDetail
      expect(messages).toEqual([])
      await ended(alice, await send(alice, other, { text: 'Look', attachments: [two.id] }))
      expect((await alice.request(`${path}/${one.id}`, { method: 'DELETE' })).status).toBe(404)
    })

    it('goes with one of many messages that are sent at the same moment', async () => {
      const { id } = await uploaded(alice)
      const conversations = await Promise.all(Array.from({ length: 6 }, () => newConversation(alice)))
      const answers = await Promise.all(
        conversations.map((conversation) => send(alice, conversation, { text: 'Look', attachments: [id] })),
      )
      expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 404, 404, 404, 404, 404])
      await Promise.all(answers.filter(({ status }) => status === 202).map((answer) => ended(alice, answer)))
    })

    it('goes with its conversation, bytes and all', async () => {
      const carol = await backend.createPerson()
      const { id } = await uploaded(carol)
      const conversationId = await newConversation(carol)
      await ended(carol, await send(carol, conversationId, { text: 'Look', attachments: [id] }))
      expect(await filesOf(carol)).toEqual([id])
      await carol.request(`/api/v1/conversations/${conversationId}`, { method: 'DELETE' })
      expect(await filesOf(carol)).toEqual([])
      expect((await carol.request(`${path}/${id}`)).status).toBe(404)
      expect(await connection.query('SELECT 1 FROM attachments WHERE workspace_id = $1', [carol.workspaceId])).toEqual(
        [],
      )
    })

    it('can be taken back before it is sent', async () => {
      const carol = await backend.createPerson()
      const { id } = await uploaded(carol)
      expect((await carol.request(`${path}/${id}`, { method: 'DELETE' })).status).toBe(204)
      expect(await filesOf(carol)).toEqual([])
      expect((await carol.request(`${path}/${id}`)).status).toBe(404)
    })
  })

  describe('what is taken', () => {
    it.each([
      ['a page that calls itself a picture', Buffer.from('<!doctype html><script>alert(1)</script>')],
      ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
      ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj')],
      ['a program', Buffer.from('7f454c4602010100', 'hex')],
      ['plain words', Buffer.from('I am a picture, believe me')],
      ['a BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)])],
    ])('is not %s', async (_what, bytes) => {
      const before = await filesOf(alice)
      const refused = await failure(await upload(alice, bytes))
      expect(refused).toMatchObject({ status: 415, code: 'unsupported_media_type' })
      expect(refused.message).toContain('PNG, JPEG, WebP, GIF')
      expect(await filesOf(alice)).toEqual(before)
    })

    it.each([
      ['a script that begins like a GIF', Buffer.from('GIF89a/*<svg/onload=alert(1)>*/=1;alert(1)//')],
      ['a PNG that ends within its header', picture.subarray(0, 20)],
      ['a PNG whose size was tampered with', Buffer.from(picture).fill(1, 18, 20)],
      ['a JPEG without a picture', Buffer.from('ffd8ffe000104a4649460001ffd9', 'hex')],
      ['a bomb of ten thousand million pixels', hugePictureHeader(100_000, 100_000)],
      ['nothing', Buffer.alloc(0)],
    ])('is not %s', async (_what, bytes) => {
      const before = await filesOf(alice)
      expect(await failure(await upload(alice, bytes))).toMatchObject({ status: 400, code: 'invalid_input' })
      expect(await filesOf(alice)).toEqual(before)
    })

    it('is at most 20 MB, whether its length is declared or not', async () => {
      const large = Buffer.alloc(limits.attachmentBytes + 1)
      expect((await upload(alice, large)).status).toBe(413)
      let left = limits.attachmentBytes / 65_536 + 1
      const body = new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(65_536))
          else controller.close()
        },
      })
      const answer = await alice.request(`${path}?name=x.png`, { method: 'POST', body, duplex: 'half' } as RequestInit)
      expect(answer.status).toBe(413)
    })

    it('is ten to a message, each once, and a hundred that wait', async () => {
      const conversationId = await newConversation(alice)
      const many = Array.from({ length: 11 }, () => randomUUID())
      expect((await send(alice, conversationId, { text: 'x', attachments: many })).status).toBe(400)
      expect((await send(alice, conversationId, { text: 'x', attachments: [many[0], many[0]] })).status).toBe(400)
      const carol = await backend.createPerson()
      await connection.query(
        `INSERT INTO attachments (workspace_id, owner_id, name, object_key)
         SELECT $1, $2, 'x', 'x/y/' || n FROM generate_series(1, 100) n`,
        [carol.workspaceId, carol.userId],
      )
      expect(await failure(await upload(carol, picture))).toMatchObject({ status: 409, code: 'conflict' })
    })

    it('needs somebody who may chat', async () => {
      const { key } = (await (
        await backend.request('/api/v1/operator/keys', {
          method: 'POST',
          json: { email: alice.email, name: 'reader', scopes: ['read'] },
        })
      ).json()) as { key: string }
      const answer = await fetch(`${backend.url}${path}?name=x.png`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: new Uint8Array(picture),
      })
      expect(answer.status).toBe(403)
    })
  })

  describe('from a page', () => {
    const ticketOf = async (kind: string) => {
      const answer = await alice.request('/api/v1/tickets', { method: 'POST', json: { kind } })
      return (await answer.json()) as Ticket
    }
    const withTicket = (ticket: string, url: string, origin = webOrigin) =>
      fetch(`${url}?name=x.png`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ticket}`, origin },
        body: new Uint8Array(picture),
      })

    it('it goes straight to the backend with a ticket, once', async () => {
      const { ticket, url } = await ticketOf('attachment')
      expect(url).toBe(`${backend.url}${path}`)
      const answer = await withTicket(ticket, url)
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([201, webOrigin])
      const { id } = Attachment.parse(await answer.json())
      expect((await alice.request(`${path}/${id}`)).status).toBe(200)
      expect((await withTicket(ticket, url)).status).toBe(401)
    })

    it('a ticket opens nothing else, for no other page, and none of another kind opens this', async () => {
      const { ticket, url } = await ticketOf('attachment')
      const documents = `${backend.url}/api/v1/collections/${randomUUID()}/documents`
      expect((await withTicket(ticket, documents)).status).toBe(401)
      expect((await withTicket((await ticketOf('attachment')).ticket, url, 'https://evil.example')).status).toBe(401)
      expect((await withTicket((await ticketOf('websocket')).ticket, url)).status).toBe(401)
      const id = (await uploaded(alice)).id
      const got = await fetch(`${url}/${id}`, {
        headers: { authorization: `Bearer ${(await ticketOf('attachment')).ticket}`, origin: webOrigin },
      })
      expect(got.status).toBe(401)
    })
  })

  describe('the cleaning job', () => {
    it('takes away what was never sent or never arrived, and leaves the rest', async () => {
      const carol = await backend.createPerson()
      const attachments = createAttachments({
        repository: createAttachmentsRepository(connection),
        objectStore: createFilesystemObjectStore({ dir: folder }),
      })
      const [old, fresh, sent] = [await uploaded(carol), await uploaded(carol), await uploaded(carol)]
      const conversationId = await newConversation(carol)
      await ended(carol, await send(carol, conversationId, { text: 'Look', attachments: [sent.id] }))
      // A process that died while it took one in: bytes, and a row that says they are on their way.
      const cut = randomUUID()
      const objectKey = `${carol.workspaceId}/attachments/${cut}`
      await createFilesystemObjectStore({ dir: folder }).put(objectKey, new Response(plainPicture(5, 5)).body!, {
        maxBytes: 10_000,
      })
      await connection.query(
        `INSERT INTO attachments (workspace_id, owner_id, id, name, object_key) VALUES ($1, $2, $3, 'x', $4)`,
        [carol.workspaceId, carol.userId, cut, objectKey],
      )
      await connection.query(
        `UPDATE attachments SET created_at = now() - interval '25 hours' WHERE workspace_id = $1 AND id <> $2`,
        [carol.workspaceId, fresh.id],
      )
      expect(await filesOf(carol)).toHaveLength(4)
      await attachments.clean(AbortSignal.timeout(30_000))
      expect((await filesOf(carol)).toSorted()).toEqual([fresh.id, sent.id].toSorted())
      expect((await carol.request(`${path}/${old.id}`)).status).toBe(404)
      const late = await send(carol, await newConversation(carol), { text: 'Look', attachments: [old.id] })
      expect(late.status).toBe(404)
      await attachments.clear({
        actor: { userId: carol.userId, workspaceId: carol.workspaceId, role: 'owner', via: 'session', scopes: [] },
        requestId: 'test',
        signal: AbortSignal.timeout(5_000),
        log: silentLog,
      })
      expect(await filesOf(carol)).toHaveLength(2)
    })
  })
})
