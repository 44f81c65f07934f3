import type { Kind, Planted } from './plant.ts'

/**
 * What the matrix knows of a route. A new route gets one here, under `METHOD /path` as the app prints it: name every
 * field that takes an id, and say what else makes a request of one's own that succeeds. The order counts: requests are
 * made in it at the end, so that what deletes comes after what reads.
 */
export interface Entry {
  /** Where ids stand and of what they are: `path.id`, `query.replace`, `body.documentId`, `body.collectionIds[]`. */
  ids?: Readonly<Record<string, Kind>>
  path?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: Readonly<Record<string, unknown>> | ((own: Planted) => Readonly<Record<string, unknown>>) | Uint8Array
  /** Who may ask at all; somebody who is signed in, unless it says something else. */
  door?: 'web' | 'operator' | 'key' | 'nobody'
  /** What a request of one's own is answered with when it is no success, and why. */
  own?: readonly [status: number, because: string]
  /** Why a viewer may ask this, though it is no GET: it only reads. */
  reads?: string
  /** Why a viewer may do this: it is about nobody but themselves. */
  self?: string
  /** Fields of which a foreign id is not refused, and why; what it leads to is looked at all the same. */
  lenient?: Readonly<Record<string, string>>
}

const id = (kind: Kind) => ({ 'path.id': kind })
const bytes = new TextEncoder().encode('Some text of Alice.')
const own = 'it is about the account or the credential of whoever asks'
const filter = 'it narrows what is found; nothing is found in what is not there'
const page = { page: '1' }
const name = { name: 'language' }
const password = 'correct horse battery staple'
const token = 'a-token-that-was-never-made-0123456789'
const noToken = [410, 'the token was never made'] as const
const noModel = [503, 'no model of this kind is set up in this test'] as const

export const entries: Readonly<Record<string, Entry>> = {
  'GET /health/live': { door: 'nobody' },
  'GET /health/ready': { door: 'nobody' },
  'GET /health': { door: 'key' },
  'GET /metrics': { door: 'key' },
  'GET /api/v1/openapi.json': {},
  'GET /api/v1/system': {},

  'GET /api/v1/auth/registration': { door: 'web' },
  'POST /api/v1/auth/sign-in': {
    door: 'web',
    body: { email: 'alice@example.com', password: 'correct horse battery staple' },
  },
  'POST /api/v1/auth/sign-up': {
    door: 'web',
    body: { email: 'new@example.com', password: 'correct horse battery staple' },
    own: [403, 'sign-up is by invitation'],
  },

  'POST /api/v1/auth/identity': {
    door: 'web',
    ids: {
      'body.linkTo.userId': 'user',
      'body.linkTo.workspaceId': 'workspace',
      'body.linkTo.sessionId': 'session',
    },
    body: { provider: 'github', subject: '1', email: null, isEmailVerified: false, name: null },
  },
  'POST /api/v1/auth/invitation': { door: 'web', body: { token }, own: noToken },
  'POST /api/v1/auth/forgot-password': { door: 'web', body: { email: 'alice@example.com' } },
  'POST /api/v1/auth/reset-password': { door: 'web', body: { token, password }, own: noToken },
  'POST /api/v1/auth/verify-email': { door: 'web', body: { token }, own: noToken },

  'GET /api/v1/operator/installation': { door: 'operator' },
  'PUT /api/v1/operator/installation': { door: 'operator', body: { registration: 'invitation' } },
  'POST /api/v1/operator/users/reset-link': { door: 'operator', body: { email: 'dan@example.com' } },
  'POST /api/v1/operator/users/suspend': { door: 'operator', body: { email: 'dan@example.com', suspended: true } },
  'GET /api/v1/operator/users': { door: 'operator' },
  'POST /api/v1/operator/users': {
    door: 'operator',
    body: { email: 'made@example.com', password: 'correct horse battery staple' },
  },
  'POST /api/v1/operator/keys': { door: 'operator', body: { email: 'alice@example.com', name: 'Another' } },
  'GET /api/v1/operator/secrets': { door: 'operator' },
  'POST /api/v1/operator/secrets/reseal': { door: 'operator' },
  'POST /api/v1/operator/keys/tier': {
    door: 'operator',
    ids: { 'body.id': 'apiKey' },
    body: { tier: 'enterprise' },
  },
  'GET /api/v1/operator/database': { door: 'operator' },
  'POST /api/v1/operator/database/migrate': { door: 'operator' },

  'GET /api/v1/me': {},
  'PATCH /api/v1/me': { body: { name: 'Alice' }, self: own },
  'POST /api/v1/me/verification': { self: own },
  'GET /api/v1/me/spending': {},
  'GET /api/v1/me/second-factor': {},
  'POST /api/v1/me/second-factor': { body: { password }, self: own },
  'POST /api/v1/me/second-factor/confirm': {
    body: { code: '000000' },
    self: own,
    own: [400, 'the code is not the one that an app would show'],
  },
  'POST /api/v1/me/second-factor/disable': { body: { code: '000000' }, self: own, own: [409, 'there is none'] },
  'POST /api/v1/me/proof': { body: { password }, self: own },
  'GET /api/v1/me/identities': {},
  'DELETE /api/v1/me/identities/:provider': {
    path: { provider: 'google' },
    self: own,
    own: [404, 'no other service vouches for Alice'],
  },
  'GET /api/v1/installation': {},
  'PUT /api/v1/installation': { body: { registration: 'invitation' } },
  'GET /api/v1/workspaces': {},
  'POST /api/v1/workspaces': { body: { name: 'Another' }, self: 'it is their own' },
  'PATCH /api/v1/workspace': { body: { name: 'Team of Alice' } },
  'GET /api/v1/workspace/members': {},
  'PATCH /api/v1/workspace/members/:id': { ids: id('member'), body: { role: 'editor' } },
  'GET /api/v1/workspace/invitations': {},
  'POST /api/v1/workspace/invitations': { body: { role: 'member' } },
  'POST /api/v1/invitations/accept': { body: { token }, self: 'whoever is invited may come', own: noToken },
  'GET /api/v1/workspace/spending': {},
  'PUT /api/v1/workspace/spending': { body: { workspace: { usd: 100, tokens: null } } },
  'PUT /api/v1/workspace/spending/members/:id': { ids: id('member'), body: { cap: { usd: 10, tokens: null } } },
  'PUT /api/v1/workspace/spending/keys/:id': { ids: id('apiKey'), body: { cap: { usd: 10, tokens: null } } },
  'GET /api/v1/audit': { ids: { 'query.actorId': 'user' }, lenient: { 'query.actorId': filter } },
  'GET /api/v1/audit/export': {},
  'GET /api/v1/audit/verification': {},
  'GET /api/v1/members': {},
  'GET /api/v1/sessions': {},
  'GET /api/v1/api-keys': {},
  'POST /api/v1/api-keys': { body: { name: 'One more' }, self: own },
  'POST /api/v1/tickets': {
    ids: { 'body.collectionId': 'collection' },
    body: { kind: 'upload' },
  },

  'GET /api/v1/conversations': {},
  'POST /api/v1/conversations': { body: { title: 'Another' } },
  'GET /api/v1/conversations/:id': { ids: id('conversation') },
  'PATCH /api/v1/conversations/:id': { ids: id('conversation'), body: { title: 'Renamed' } },
  'POST /api/v1/conversations/:id/messages': {
    ids: {
      'path.id': 'conversation',
      'body.attachments[]': 'attachment',
      'body.parentId': 'message',
      'body.options.collectionIds[]': 'collection',
    },
    body: { text: 'Once more?' },
    lenient: { 'body.options.collectionIds[]': filter },
  },
  'POST /api/v1/attachments': {
    door: 'key',
    query: { name: 'note.txt' },
    body: bytes,
    own: [415, 'text is no attachment'],
  },
  'GET /api/v1/attachments/:id': { ids: id('attachment') },
  'POST /api/v1/audio/transcriptions': { door: 'key', body: bytes, own: noModel },
  'POST /api/v1/audio/speech': { ids: { 'body.messageId': 'message' }, body: {}, own: noModel },
  'GET /api/v1/runs/:id': { ids: id('run') },
  'GET /api/v1/runs/:id/events': { ids: id('run') },
  'POST /api/v1/runs/:id/stop': { ids: id('run') },
  'POST /api/v1/runs/:id/continue': { ids: id('run'), own: [409, 'its answer is complete'] },
  'PUT /api/v1/messages/:id/feedback': { ids: id('message'), body: { rating: 'up' } },
  'DELETE /api/v1/messages/:id/feedback': { ids: id('message') },

  'GET /api/v1/modules': {},
  'GET /api/v1/modules/metrics': {},
  'GET /api/v1/modules/reliability': {},
  'PATCH /api/v1/modules/:name': { path: name, body: { isEnabled: true } },
  'POST /api/v1/modules/:name/test': { path: { name: 'knowledge' } },
  'GET /api/v1/learning': {},
  'PUT /api/v1/learning': { body: { isOn: false } },
  'POST /api/v1/learning/run': {},

  'GET /api/v1/collections': {},
  'POST /api/v1/collections': { body: { name: 'Another' } },
  'GET /api/v1/collections/embedding-models': {},
  'GET /api/v1/collections/:id': { ids: id('collection') },
  'PATCH /api/v1/collections/:id': { ids: id('collection'), body: { description: 'Changed' } },
  'POST /api/v1/collections/:id/cancel-reindexing': { ids: id('collection'), own: [409, 'nothing is made anew'] },
  'POST /api/v1/collections/:id/chunk-preview': {
    ids: { 'path.id': 'collection', 'body.documentId': 'document' },
    body: { chunkProfile: {} },
    reads: 'it shows how a document would be cut, and keeps nothing',
  },
  'GET /api/v1/collections/:id/members': { ids: id('collection') },
  'PUT /api/v1/collections/:id/members': {
    ids: { 'path.id': 'collection', 'body.userId': 'member' },
    body: { role: 'reader' },
  },
  'PUT /api/v1/collections/:id/members/:userId': {
    ids: { 'path.id': 'collection', 'path.userId': 'member' },
    body: { role: 'editor' },
  },
  'DELETE /api/v1/collections/:id/members/:userId': { ids: { 'path.id': 'collection', 'path.userId': 'member' } },

  'POST /api/v1/collections/:id/documents': {
    door: 'key',
    ids: { 'path.id': 'collection', 'query.replace': 'spareDocument' },
    query: { name: 'note.txt' },
    body: bytes,
  },
  'GET /api/v1/collections/:id/documents': { ids: id('collection'), lenient: { 'path.id': filter } },
  'GET /api/v1/documents': {
    ids: { 'query.collectionId': 'collection' },
    lenient: { 'query.collectionId': filter },
  },
  'GET /api/v1/documents/events': {},
  'GET /api/v1/documents/:id': { ids: id('document') },
  'PATCH /api/v1/documents/:id': { ids: id('document'), body: { tags: ['changed'] } },
  'GET /api/v1/documents/:id/pages': { ids: id('document') },
  'GET /api/v1/documents/:id/pages/:page': { ids: id('document'), path: page },
  'GET /api/v1/documents/:id/passages': { ids: id('document') },
  'GET /api/v1/documents/:id/content': { ids: id('document') },
  'POST /api/v1/documents/:id/links': {
    ids: id('document'),
    reads: 'a link reads, and only where files are kept outside',
    own: [409, 'the files of this test are in a folder'],
  },
  'GET /api/v1/documents/:id/pages/:page/picture': { ids: id('paper'), path: page },
  'GET /api/v1/documents/:id/pages/:page/marks': { ids: id('paper'), path: page, query: { start: '0', end: '4' } },
  'PUT /api/v1/documents/:id/pages/:page': { ids: id('document'), path: page, body: { text: 'Corrected' } },
  'POST /api/v1/documents/:id/retry': { ids: id('paper'), own: [409, 'it has not failed'] },
  'POST /api/v1/documents/:id/reread': { ids: id('paper') },
  'POST /api/v1/documents/:id/pause': { ids: id('paper') },
  'POST /api/v1/documents/:id/resume': { ids: id('paper') },
  'POST /api/v1/collections/:id/documents/pause': { ids: id('collection') },
  'POST /api/v1/collections/:id/documents/resume': { ids: id('collection') },

  'GET /api/v1/collections/:id/sources': { ids: id('collection') },
  'POST /api/v1/collections/:id/sources': {
    ids: id('collection'),
    body: { kind: 'url', url: 'https://nowhere.invalid/' },
    own: [502, 'there is no such host'],
  },
  'POST /api/v1/collections/:id/texts': { ids: id('collection'), body: { title: 'Note', text: 'A note.' } },
  'GET /api/v1/sources/:id': { ids: id('source') },
  'GET /api/v1/sources/:id/pages': { ids: id('source') },
  'PATCH /api/v1/sources/:id': { ids: id('source'), body: { paused: false } },
  'POST /api/v1/sources/:id/fetch': { ids: id('source') },

  'GET /api/v1/collections/:id/golden-questions': { ids: id('collection') },
  'POST /api/v1/collections/:id/golden-questions': {
    ids: { 'path.id': 'collection', 'body.documentId': 'document' },
    body: { question: 'Which one?' },
  },
  'POST /api/v1/collections/:id/golden-questions/import': {
    ids: id('collection'),
    body: (planted) => ({
      format: 'jsonl',
      text: JSON.stringify({ question: 'Which other one?', documentId: planted.document }),
    }),
  },
  'PUT /api/v1/collections/:id/golden-questions/:questionId': {
    ids: { 'path.id': 'collection', 'path.questionId': 'question', 'body.documentId': 'document' },
    body: { question: 'Which one now?' },
  },
  'GET /api/v1/collections/:id/evaluation': { ids: id('collection') },
  'POST /api/v1/collections/:id/evaluation/runs': { ids: id('collection') },
  'GET /api/v1/gaps': {},
  'POST /api/v1/search': {
    ids: { 'body.collectionIds[]': 'collection', 'body.explainDocumentId': 'document' },
    body: { query: 'launch code of the vault', explain: true },
    reads: 'searching is reading',
    lenient: { 'body.collectionIds[]': filter, 'body.explainDocumentId': filter },
  },

  'POST /v1/chat/completions': {
    door: 'key',
    body: { model: 'nitro-offline', messages: [{ role: 'user', content: 'What is the launch code of the vault?' }] },
  },
  'GET /v1/models': { door: 'key' },
  'GET /v1/models/:model{.+}': { door: 'key', path: { model: 'nitro-offline' } },
  'POST /v1/embeddings': {
    door: 'key',
    body: { model: 'words', input: 'launch code' },
  },

  'DELETE /api/v1/attachments/:id': { ids: id('spareAttachment') },
  'DELETE /api/v1/conversations/:id': { ids: id('conversation') },
  'DELETE /api/v1/collections/:id/golden-questions/:questionId': {
    ids: { 'path.id': 'collection', 'path.questionId': 'question' },
  },
  'DELETE /api/v1/sources/:id': { ids: id('source') },
  'DELETE /api/v1/documents/:id': { ids: id('document') },
  'DELETE /api/v1/collections/:id': { ids: id('collection') },
  'DELETE /api/v1/workspace/invitations/:id': { ids: id('invitation') },
  'DELETE /api/v1/workspace/members/:id': { ids: id('member') },
  'PUT /api/v1/me/email': { body: { email: 'alice-elsewhere@example.com', password }, self: own },
  'PUT /api/v1/me/password': { body: { current: password, next: `${password} too` }, self: own },
  'DELETE /api/v1/api-keys/:id': { ids: id('apiKey'), self: own },
  'DELETE /api/v1/sessions': { self: own },
  'POST /api/v1/workspace/delete': { body: { name: 'Another name' }, own: [400, 'that is not its name'] },
  'POST /api/v1/me/delete': {
    body: { email: 'somebody-else@example.com', password: `${password} too` },
    self: own,
    own: [400, 'that is not her address'],
  },
  'DELETE /api/v1/sessions/:id': { ids: id('session'), self: own },
}
