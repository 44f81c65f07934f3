import { z } from 'zod'
import { limits } from './limits.ts'

/** What somebody may do with a collection: owners decide over it, editors over its documents, readers ask it. */
export const CollectionRole = z.enum(['owner', 'editor', 'reader'])
export type CollectionRole = z.infer<typeof CollectionRole>

/** `workspace`: everybody of the workspace. `members`: those who were let in, and nobody else. */
export const CollectionAccess = z.enum(['workspace', 'members'])
export type CollectionAccess = z.infer<typeof CollectionAccess>

export const Tag = z.string().trim().toLowerCase().min(1).max(40)
export const Tags = z.array(Tag).max(limits.tags)

/** How documents are cut into passages. A change re-indexes what is there, in the background. */
export const ChunkProfile = z.strictObject({
  /** Characters that a passage aims at; it is never longer than this by more than a third, unless it is one page. */
  targetCharacters: z.number().int().min(200).max(4_000).default(900),
  /** What is embedded in front of a passage, so that its vector knows where it stands: nothing, or title and heading. */
  context: z.enum(['none', 'title']).default('none'),
})
export type ChunkProfile = z.infer<typeof ChunkProfile>
export const defaultChunkProfile: ChunkProfile = ChunkProfile.parse({})

export const Collection = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  access: CollectionAccess,
  /** What the caller may do with it. */
  role: CollectionRole,
  documentCount: z.number().int(),
  embeddingModel: z.string(),
  chunkProfile: ChunkProfile,
  /** Documents that are being re-indexed after a change of model or profile; search goes on with what they were. */
  reindexing: z.object({ done: z.number().int(), total: z.number().int() }).nullable(),
  createdAt: z.iso.datetime(),
})
export type Collection = z.infer<typeof Collection>
export const CollectionList = z.object({ items: z.array(Collection) })

const settings = {
  description: z.string().trim().max(limits.descriptionCharacters),
  tags: Tags,
  access: CollectionAccess,
  embeddingModel: z.string().min(1).max(200),
  chunkProfile: ChunkProfile,
}

export const CreateCollection = z.strictObject({
  name: z.string().trim().min(1).max(limits.nameCharacters),
  description: settings.description.optional(),
  tags: settings.tags.optional(),
  access: settings.access.optional(),
  /** Absent: the one that this installation prefers. */
  embeddingModel: settings.embeddingModel.optional(),
  chunkProfile: settings.chunkProfile.optional(),
})
export type CreateCollection = z.infer<typeof CreateCollection>

/** What is absent stays. */
export const ChangeCollection = CreateCollection.partial()
export type ChangeCollection = z.infer<typeof ChangeCollection>

export const CollectionMember = z.object({
  userId: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  role: CollectionRole,
})
export type CollectionMember = z.infer<typeof CollectionMember>
export const CollectionMemberList = z.object({ items: z.array(CollectionMember) })

/** An embedding model that a collection can use. */
export const EmbeddingModel = z.object({
  id: z.string(),
  dimensions: z.number().int(),
  /** Where the text goes: nowhere, or to a provider. */
  location: z.enum(['local', 'provider']),
  isDefault: z.boolean(),
})
export type EmbeddingModel = z.infer<typeof EmbeddingModel>
export const EmbeddingModelList = z.object({ items: z.array(EmbeddingModel) })
