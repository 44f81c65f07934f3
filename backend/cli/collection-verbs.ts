import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ChunkProfile,
  Collection,
  CollectionList,
  type CollectionMember,
  CollectionMemberList,
  type CollectionRole,
  defaultChunkProfile,
  EmbeddingModelList,
} from '@nitroagi/shared/collections'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { findCollection } from './collections.ts'
import { table, type Output } from './output.ts'

const path = '/api/v1/collections'
const lookEveryMs = 1_000

export interface CollectionSettings {
  rename?: string
  description?: string
  tags?: string[]
  access?: Collection['access']
  model?: string
  passageSize?: number
  context?: ChunkProfile['context']
}

export async function showCollections(client: Client, output: Output): Promise<void> {
  const { items } = await client.request(path, CollectionList)
  output.result({ items }, () =>
    items.length === 0
      ? 'There is no collection yet. Make one: npm run -s nitro -- collections create <name>'
      : table(
          ['NAME', 'DOCUMENTS', 'OPEN TO', 'YOU', 'MODEL', 'PASSAGES'],
          items.map((collection) => [
            collection.name,
            `${collection.documentCount}${remarkOn(collection)}`,
            collection.access === 'workspace' ? 'everybody' : 'members',
            collection.role,
            collection.embeddingModel,
            `${collection.chunkProfile.targetCharacters}, ${collection.chunkProfile.context}`,
          ]),
        ),
  )
}

export async function createCollection(
  client: Client,
  output: Output,
  name: string,
  settings: CollectionSettings,
): Promise<void> {
  const body = { name, ...bodyOf(settings, defaultChunkProfile) }
  const collection = await client.request(path, Collection, { method: 'POST', body })
  output.result(collection, () => `"${collection.name}" is made.`)
}

export async function changeCollection(
  client: Client,
  output: Output,
  name: string,
  { wait, ...settings }: CollectionSettings & { wait: boolean },
): Promise<void> {
  const { id, chunkProfile } = await findCollection(client, name)
  const body = bodyOf(settings, chunkProfile)
  if (Object.keys(body).length === 0) throw new CliError('usage', 'Say what shall change; see --help.')
  const changed = await client.request(`${path}/${id}`, Collection, { method: 'PATCH', body })
  const collection = wait ? await untilMade(client, output, changed) : changed
  output.result(collection, () => `"${collection.name}" is changed.${remarkOn(collection)}`)
}

export async function cancelReindexing(
  client: Client,
  output: Output,
  name: string,
  { wait }: { wait: boolean },
): Promise<void> {
  const { id } = await findCollection(client, name)
  const cancelled = await client.request(`${path}/${id}/cancel-reindexing`, Collection, { method: 'POST' })
  const collection = wait ? await untilMade(client, output, cancelled) : cancelled
  const { embeddingModel, chunkProfile } = collection
  output.result(
    collection,
    () =>
      `"${collection.name}" goes on with ${embeddingModel} and passages of ${chunkProfile.targetCharacters} characters.${remarkOn(collection)}`,
  )
}

async function untilMade(client: Client, output: Output, begun: Collection): Promise<Collection> {
  let collection = begun
  while (collection.reindexing) {
    const { done, total } = collection.reindexing
    output.remark(`${done} of ${total} documents are made anew`, true)
    await sleep(lookEveryMs)
    collection = await client.request(`${path}/${begun.id}`, Collection)
  }
  return collection
}

export async function deleteCollection(client: Client, output: Output, name: string): Promise<void> {
  const { id, documentCount } = await findCollection(client, name)
  await client.request(`${path}/${id}`, z.unknown(), { method: 'DELETE' })
  output.result({ id, documentCount }, () => `"${name}" is gone, with ${documentCount} documents.`)
}

export async function showEmbeddingModels(client: Client, output: Output): Promise<void> {
  const { items } = await client.request(`${path}/embedding-models`, EmbeddingModelList)
  output.result({ items }, () =>
    table(
      ['MODEL', 'DIMENSIONS', 'TEXT GOES TO'],
      items.map(({ id, dimensions, location, isDefault }) => [
        isDefault ? `${id} (default)` : id,
        String(dimensions),
        location === 'local' ? 'nobody' : 'the provider',
      ]),
    ),
  )
}

export async function showMembers(client: Client, output: Output, name: string): Promise<void> {
  const { id } = await findCollection(client, name)
  const { items } = await client.request(`${path}/${id}/members`, CollectionMemberList)
  output.result({ items }, () => membersIn(items))
}

export async function letIn(
  client: Client,
  output: Output,
  name: string,
  email: string,
  role: CollectionRole,
): Promise<void> {
  const { id } = await findCollection(client, name)
  const body = { email, role }
  const { items } = await client.request(`${path}/${id}/members`, CollectionMemberList, { method: 'PUT', body })
  output.result({ items }, () => membersIn(items))
}

export async function takeOut(client: Client, output: Output, name: string, email: string): Promise<void> {
  const { id } = await findCollection(client, name)
  const { items } = await client.request(`${path}/${id}/members`, CollectionMemberList)
  const member = items.find((one) => one.email === email.toLowerCase())
  if (!member) throw new CliError('not_found', `${email} is no member of "${name}".`)
  await client.request(`${path}/${id}/members/${member.userId}`, z.unknown(), { method: 'DELETE' })
  output.result({ removed: member }, () => `${member.email} is no member any more.`)
}

function bodyOf({ rename, model, passageSize, context, ...same }: CollectionSettings, profile: ChunkProfile) {
  const chunkProfile = {
    ...profile,
    ...(passageSize && { targetCharacters: passageSize }),
    ...(context && { context }),
  }
  return {
    ...same,
    ...(rename !== undefined && { name: rename }),
    ...(model !== undefined && { embeddingModel: model }),
    ...(passageSize !== undefined || context !== undefined ? { chunkProfile } : {}),
  }
}

const remarkOn = ({ reindexing }: Collection) =>
  reindexing ? ` (${reindexing.done} of ${reindexing.total} made anew)` : ''

const membersIn = (items: CollectionMember[]) =>
  items.length === 0
    ? 'Nobody was let in by name.'
    : table(
        ['ROLE', 'E-MAIL', 'NAME'],
        items.map(({ role, email, name }) => [role, email, name ?? '']),
      )
