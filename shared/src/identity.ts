import { z } from 'zod'
import { limits } from './limits.ts'

export const Email = z
  .string()
  .trim()
  .max(254)
  .toLowerCase()
  .pipe(z.email('Give an e-mail address like name@example.com'))

export const Password = z
  .string()
  .min(limits.passwordMinCharacters, `Use at least ${limits.passwordMinCharacters} characters`)
  .max(limits.passwordMaxCharacters, `Use at most ${limits.passwordMaxCharacters} characters`)

export const Role = z.enum(['owner', 'admin', 'editor', 'member', 'viewer'])
export type Role = z.infer<typeof Role>

export const Credentials = z.strictObject({
  email: Email,
  password: z.string().min(1).max(limits.passwordMaxCharacters),
  /** Of the second factor, once the answer to the password alone was `second_factor_required`. */
  code: z.string().trim().min(6).max(30).optional(),
  /** Of an invitation, to sign in to its workspace; the only way in for who is in none any more. */
  invitation: z.string().min(20).max(200).optional(),
})
export type Credentials = z.infer<typeof Credentials>

export const SignUp = z.strictObject({
  email: Email,
  password: Password,
  name: z.string().trim().max(limits.nameCharacters).optional(),
  /** Of an invitation, which makes the account a member of its workspace. */
  invitation: z.string().min(20).max(200).optional(),
})
export type SignUp = z.infer<typeof SignUp>

/** Who somebody is, as the web app and the API show it. */
export const Account = z.object({
  userId: z.uuid(),
  workspaceId: z.uuid(),
  workspaceName: z.string(),
  role: Role,
  email: z.string(),
  name: z.string().nullable(),
  /** Somebody who reads this mailbox has said that the account is theirs. */
  isEmailVerified: z.boolean(),
  /** Those who sign in with another service may have none. */
  hasPassword: z.boolean(),
  hasSecondFactor: z.boolean(),
  /** The workspace asks for one and they have none: until they set one up, nothing else is open to them here. */
  needsSecondFactor: z.boolean(),
})
export type Account = z.infer<typeof Account>

/** The answer to whoever has proved who they are: the session that begins. */
export const SignedIn = Account.extend({ sessionId: z.uuid() })
export type SignedIn = z.infer<typeof SignedIn>

/** A browser that somebody is signed in with. */
export const Session = z.object({
  id: z.uuid(),
  isCurrent: z.boolean(),
  /** As the web app saw it, and as the browser called itself; null when neither said. */
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  /** Until when it lasts if it is not used any more. */
  expiresAt: z.iso.datetime(),
})
export type Session = z.infer<typeof Session>

/** What the sign-in page must know before anyone has signed in. */
export const Registration = z.object({
  /** `first-owner`: nobody has an account yet and this door may create it; `closed`: by invitation only. */
  mode: z.enum(['first-owner', 'open', 'closed']),
  /** Whether letters can be sent, for instance for a forgotten password. */
  hasMail: z.boolean(),
})
export type Registration = z.infer<typeof Registration>

export const Scope = z.enum(['read', 'chat', 'knowledge', 'admin'])
export type Scope = z.infer<typeof Scope>

/** How much a key may ask for: 100, 1,000 or 10,000 requests an hour and 5, 10 or 50 at once. The operator sets it. */
export const Tier = z.enum(['free', 'pro', 'enterprise'])
export type Tier = z.infer<typeof Tier>

export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(limits.nameCharacters),
  scopes: z.array(Scope).min(1).optional(),
  expiresAt: z.iso.datetime().optional(),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The first characters of the key, enough to tell keys apart and useless to sign in with. */
  prefix: z.string(),
  scopes: z.array(Scope),
  tier: Tier,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>

/** The only answer that ever holds the whole key. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>

export const CreateTicket = z.strictObject({
  /** `upload` takes a document into a collection, `attachment` a picture or recording for a message. */
  kind: z.enum(['websocket', 'upload', 'attachment']),
  /** The collection that an `upload` goes to. */
  collectionId: z.uuid().optional(),
})
export type CreateTicket = z.infer<typeof CreateTicket>

export const Ticket = z.object({
  ticket: z.string(),
  expiresAt: z.iso.datetime(),
  /** Where to use it: the backend's own address, because neither uploads nor sockets go through the proxy. */
  url: z.string(),
})
export type Ticket = z.infer<typeof Ticket>
