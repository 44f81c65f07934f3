import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { inChosenWorkspace } from './chosen-workspace.ts'

const identity = { userId: randomUUID(), workspaceId: randomUUID(), sessionId: randomUUID() }
const theirs = randomUUID()
const broken = randomUUID()
const confused = randomUUID()
const elsewhere = randomUUID()

/** Stands where the backend would: knows one more workspace of this person. */
let server: Server
beforeAll(async () => {
  server = createServer((request, response) => {
    const { sub, wid } = decodeJwt(String(request.headers.authorization).replace('Bearer ', ''))
    const status = [theirs, confused, elsewhere].some((id) => id === wid) ? 200 : wid === broken ? 500 : 401
    const account = {
      userId: wid === confused ? randomUUID() : sub,
      workspaceId: wid === elsewhere ? theirs : wid,
      workspaceName: 'Lab',
      role: 'viewer',
      email: 'ada@example.com',
      name: null,
      isEmailVerified: false,
      hasPassword: true,
      hasSecondFactor: false,
      needsSecondFactor: false,
    }
    const error = { code: status === 500 ? 'internal' : 'unauthenticated', message: 'No' }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status === 200 ? account : { error }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.env['BACKEND_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('ed25519')
  process.env['NITRO_WEB_PRIVATE_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
})
afterAll(() => void server.close())
afterEach(() => vi.restoreAllMocks())

it('goes on in a workspace that the backend lets this person into', async () => {
  expect(await inChosenWorkspace(identity, { workspaceId: theirs })).toEqual({ ...identity, workspaceId: theirs })
})

it.each([
  ['of somebody else', { workspaceId: randomUUID() }, 0],
  ['that is no id', { workspaceId: '../../me' }, 0],
  ['with another person beside it', { workspaceId: randomUUID(), userId: randomUUID(), sessionId: randomUUID() }, 0],
  ['that was not named', undefined, 0],
  ['while the backend has trouble', { workspaceId: broken }, 1],
  ['that the backend finds somebody else in', { workspaceId: confused }, 0],
  ['for which the backend names another', { workspaceId: elsewhere }, 0],
])('stays where it is for a workspace %s, and logs what is trouble of ours', async (_name, given, logged) => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(await inChosenWorkspace(identity, given)).toEqual(identity)
  expect(log).toHaveBeenCalledTimes(logged)
})

it('stays where it is while nothing answers, and says so', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  server.close()
  server.closeAllConnections()
  expect(await inChosenWorkspace(identity, { workspaceId: theirs })).toEqual(identity)
  expect(log).toHaveBeenCalledTimes(1)
})
