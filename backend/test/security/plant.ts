import { setTimeout as wait } from 'node:timers/promises'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import { PDFDocument } from 'pdf-lib'
import { plainPicture } from '../pictures.ts'
import { type Asked, good, type Person, posted, type Told } from './world.ts'

/** What an id in a request can be of. */
export const kinds = [
  'apiKey',
  'attachment',
  'spareAttachment',
  'collection',
  'conversation',
  'invitation',
  'document',
  'spareDocument',
  'member',
  'message',
  'question',
  'run',
  'paper',
  'session',
  'source',
  'user',
  'workspace',
] as const
export type Kind = (typeof kinds)[number]

/** An id of each kind, all of them somebody's own. */
export type Planted = Record<Kind, string>

interface Doors {
  /** A web site that may be fetched. */
  site: string
  as(who: Person, by: 'session' | 'key', path: string, asked?: Asked): Promise<Told>
}

/** Gives somebody one thing of every kind, with this word in each name, title, text and file. */
export async function plant(
  doors: Doors,
  { owner, colleague, word }: { owner: Person; colleague: Person; word: string },
): Promise<Planted> {
  const ask = <Body = { id: string }>(path: string, asked?: Asked) =>
    // Files come with keys or tickets.
    good<Body>(doors.as(owner, asked?.body instanceof Uint8Array ? 'key' : 'session', `/api/v1${path}`, asked))
  const knowledge = await plantKnowledge(ask, word, doors.site)
  const talk = await plantTalk(ask, word)
  const apiKey = await ask('/api-keys', posted({ name: `Spare key ${word}` }))
  const invitation = await ask(
    '/workspace/invitations',
    posted({ email: `guest-${word.toLowerCase()}@example.com`, role: 'member' }),
  )
  return {
    ...knowledge,
    ...talk,
    apiKey: apiKey.id,
    invitation: invitation.id,
    session: owner.sessionId,
    user: owner.userId,
    workspace: owner.workspaceId,
    member: colleague.userId,
  }
}

type Ask = <Body = { id: string }>(path: string, asked?: Asked) => Promise<Body>

async function plantKnowledge(ask: Ask, word: string, site: string) {
  const collection = await ask('/collections', posted({ name: `Papers ${word}`, description: word, tags: [word] }))
  const at = `/collections/${collection.id}`
  const upload = async (name: string, body: Uint8Array) => {
    const path = `${at}/documents?name=${name}`
    return (await ask<{ documents: { id: string }[] }>(path, { method: 'POST', body })).documents[0]!.id
  }
  const bytesOf = (text: string) => new TextEncoder().encode(text)
  const document = await upload(`report-${word}.txt`, bytesOf(`The launch code of the vault is ${word}. Keep it.`))
  const spareDocument = await upload(`table-${word}.csv`, bytesOf(`item,amount\n${word},17\nmore,4\n`))
  const paper = await upload(`paper-${word}.pdf`, await paperOf(`The paper says ${word} on its only page.`))
  const source = await plantSource(ask, at, `${site}/${word}`)
  for (;;) {
    const { items } = await ask<{ items: { status: string }[] }>(`${at}/documents`)
    if (items.every(({ status }) => status === 'ready')) break
    await wait(50)
  }
  const question = await ask(
    `${at}/golden-questions`,
    posted({ question: `What is the launch code ${word}?`, documentId: document, note: word }),
  )
  return { collection: collection.id, document, spareDocument, paper, question: question.id, source }
}

async function plantSource(ask: Ask, at: string, url: string): Promise<string> {
  const { id } = await ask(`${at}/sources`, posted({ kind: 'url', url, scheduleHours: null }))
  for (;;) {
    const { status } = await ask<{ status: string }>(`/sources/${id}`)
    if (status !== 'waiting' && status !== 'fetching') break
    await wait(50)
  }
  return id
}

async function paperOf(text: string): Promise<Uint8Array> {
  const paper = await PDFDocument.create()
  paper.addPage([400, 200]).drawText(text, { x: 20, y: 100, size: 12 })
  return paper.save()
}

async function plantTalk(ask: Ask, word: string) {
  const conversation = await ask('/conversations', posted({ title: `About ${word}` }))
  const at = `/conversations/${conversation.id}`
  const { run } = await ask<{ run: { id: string } }>(
    `${at}/messages`,
    posted({ text: `What is the launch code of the vault? ${word}` }),
  )
  for (;;) {
    const { status } = await ask<{ status: string }>(`/runs/${run.id}`)
    if (status !== 'pending' && status !== 'running') break
    await wait(50)
  }
  const { messages } = await ask<ConversationDetail>(at)
  const message = messages.find(({ role }) => role === 'assistant')!
  const attach = (name: string) => ask(`/attachments?name=${name}.png`, { method: 'POST', body: plainPicture(8, 8) })
  const [attachment, spareAttachment] = [await attach(`picture-${word}`), await attach(`spare-${word}`)]
  return {
    conversation: conversation.id,
    run: run.id,
    message: message.id,
    attachment: attachment.id,
    spareAttachment: spareAttachment.id,
  }
}
