import { z } from 'zod'
import { Email, Role } from './identity.ts'
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
  /** Characters that a passage aims at; it is never longer than this by more than a third, unless it is a short page. */
  targetCharacters: z.number().int().min(200).max(4_000).default(600),
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

/** Lets somebody of the workspace in, or changes what they may do; a viewer of the workspace can be a reader only. */
export const SetCollectionMember = z
  .strictObject({ userId: z.uuid().optional(), email: Email.optional(), role: CollectionRole })
  .refine(({ userId, email }) => (userId === undefined) !== (email === undefined), 'Give a userId or an email')
export type SetCollectionMember = z.infer<typeof SetCollectionMember>

export const ChangeCollectionMember = z.strictObject({ role: CollectionRole })
export type ChangeCollectionMember = z.infer<typeof ChangeCollectionMember>

/** Somebody of the workspace, as one picks them to share something with; `role` is that in the workspace. */
export const WorkspaceMember = z.object({
  userId: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  role: Role,
})
export type WorkspaceMember = z.infer<typeof WorkspaceMember>
export const WorkspaceMemberList = z.object({ items: z.array(WorkspaceMember) })

/** How a profile would cut a text, one of the collection's documents or, with neither, its newest one. Stores nothing. */
export const ChunkPreviewRequest = z.strictObject({
  chunkProfile: ChunkProfile,
  documentId: z.uuid().optional(),
  text: z.string().trim().min(1).max(20_000).optional(),
})
export type ChunkPreviewRequest = z.infer<typeof ChunkPreviewRequest>

const ChunkCounts = z.object({
  passages: z.number().int(),
  shortest: z.number().int(),
  average: z.number().int(),
  longest: z.number().int(),
})

/** The first pages, cut. Offsets are UTF-16 and lie in the page's text; sizes are characters. */
export const ChunkPreview = z.object({
  /** Null for a text that was given. */
  documentId: z.uuid().nullable(),
  title: z.string(),
  pages: z.array(
    z.object({
      page: z.number().int().positive(),
      label: z.string().nullable(),
      text: z.string(),
      passages: z.array(z.object({ start: z.number().int(), end: z.number().int(), heading: z.string() })),
    }),
  ),
  /** Of the pages above: with the profile that was asked for, and with the one that the collection has. */
  wanted: ChunkCounts,
  now: ChunkCounts,
})
export type ChunkPreview = z.infer<typeof ChunkPreview>

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
