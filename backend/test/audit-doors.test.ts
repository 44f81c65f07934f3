import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditExportLine, type AuditPage, AuditVerification } from '@nitroagi/shared/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compiledCode } from './prepared-databases.ts'
import { startBackend, type Person, type TestBackend } from './test-backend.ts'
import { createTestWeb } from './test-web.ts'

const web = createTestWeb()
const folder = mkdtempSync(join(tmpdir(), 'nitro-audit-'))
const file = join(folder, 'log.jsonl')
let backend: TestBackend
let ada: Person
let bob: Person

beforeAll(async () => {
  backend = await startBackend({ env: { NITRO_WEB_PUBLIC_KEY: web.publicKeyPem } })
  ada = await backend.createPerson('ada@example.com')
  bob = await backend.createPerson('bob@example.com')
})
afterAll(async () => {
  await backend?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function listed(person: Person, query = ''): Promise<AuditPage> {
  const response = await person.request(`/api/v1/audit${query}`)
  expect(response.status).toBe(200)
  return (await response.json()) as AuditPage
}
const actions = async (person: Person, query = '') =>
  (await listed(person, query)).items.map(({ action }) => action).toReversed()

function nitro(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, '../cli/main.ts'), ...args],
      {
        env: {
          PATH: process.env['PATH'],
          NODE_COMPILE_CACHE: compiledCode,
          NITRO_URL: backend.url,
          NITRO_API_KEY: ada.key,
          NITRO_DATA_DIR: folder,
        },
      },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

it('records what is done to accounts, keys, collections, members, documents and settings', async () => {
  const json = async (response: Response) => (await response.json()) as { id: string }
  const key = await json(await ada.request('/api/v1/api-keys', { method: 'POST', json: { name: 'my key' } }))
  await ada.request(`/api/v1/api-keys/${key.id}`, { method: 'DELETE' })
  const collection = await json(await ada.request('/api/v1/collections', { method: 'POST', json: { name: 'Mine' } }))
  const path = `/api/v1/collections/${collection.id}`
  await ada.request(path, { method: 'PATCH', json: { access: 'members', name: 'Ours' } })
  const uploaded = await ada.request(`${path}/documents?name=a.txt`, { method: 'POST', body: 'A file of mine.' })
  const { documents } = (await uploaded.json()) as { documents: { id: string }[] }
  expect((await ada.request(`/api/v1/documents/${documents[0]!.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await ada.request(path, { method: 'DELETE' })).status).toBe(204)
  await ada.request('/api/v1/modules/summary', { method: 'PATCH', json: { isEnabled: false } })
  await ada.request('/api/v1/learning', { method: 'PUT', json: { isOn: false } })
  expect(await actions(ada)).toEqual([
    'user.create',
    'api-key.create',
    'api-key.create',
    'api-key.revoke',
    'collection.create',
    'collection.change',
    'document.delete',
    'collection.delete',
    'module.switch',
    'learning.switch',
  ])
  const [changed] = (await listed(ada, '?action=collection.change')).items
  expect(changed).toMatchObject({
    via: 'api-key',
    actorId: ada.userId,
    actorName: 'ada@example.com',
    targetId: collection.id,
    facts: { access: 'members', accessBefore: 'workspace', changed: 'name access', keyId: expect.any(String) },
  })
  const all = JSON.stringify(await listed(ada))
  for (const word of ['Mine', 'Ours', 'a.txt', 'my key', ada.key]) expect(all).not.toContain(word)
})

it('records who came in, who tried to, and who left', { timeout: 30_000 }, async () => {
  const signIn = async (password: string) => {
    const path = '/api/v1/auth/sign-in'
    const json = { email: 'bob@example.com', password }
    const authorization = `Bearer ${await web.service('POST', path, { body: json })}`
    return bob.request(path, { method: 'POST', json, headers: { authorization } })
  }
  expect((await signIn('not the right password')).status).toBe(401)
  await expect.poll(() => actions(bob, '?action=session'), { timeout: 20_000 }).toEqual(['session.refuse'])
  const { sessionId } = (await (await signIn('correct horse battery staple')).json()) as { sessionId: string }
  const token = await web.person({ ...bob, sessionId }, 'DELETE', '/api/v1/sessions/current')
  const headers = { authorization: `Bearer ${token}` }
  expect((await bob.request('/api/v1/sessions/current', { method: 'DELETE', headers })).status).toBe(204)
  const { items } = await listed(bob, '?action=session')
  expect(items.toReversed()).toMatchObject([
    { action: 'session.refuse', actorId: null, targetId: bob.userId, facts: { reason: 'password' }, via: 'service' },
    { action: 'session.begin', actorId: bob.userId, targetId: sessionId, via: 'service' },
    { action: 'session.end', actorId: bob.userId, targetId: sessionId, facts: { reason: 'sign-out' }, via: 'session' },
  ])
  for (const { requestId } of items) expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
})

it('shows a workspace its own log only, and takes no strange question', async () => {
  expect(await actions(bob, '?action=collection')).toEqual([])
  expect((await listed(bob, `?actorId=${ada.userId}`)).items).toEqual([])
  for (const query of ['?action=drop%20table', '?actorId=1', '?from=yesterday', '?limit=100000']) {
    expect((await ada.request(`/api/v1/audit${query}`)).status, query).toBe(400)
  }
  expect((await listed(ada, '?cursor=nonsense&limit=1')).items).toHaveLength(1)
})

it('is exported line by line, and found whole by the command line, with and without the backend', async () => {
  const response = await ada.request('/api/v1/audit/export')
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(response.headers.get('content-disposition')).toContain('attachment')
  const lines = (await response.text()).trimEnd().split('\n')
  const entries = lines.map((line) => AuditExportLine.parse(JSON.parse(line)))
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1))

  expect(await nitro(['audit', 'export', '--file', file])).toMatchObject({ code: 0, stdout: '' })
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual(lines)
  const head = entries.at(-1)!.hash
  for (const args of [[], ['--file', file], ['--noted', entries[2]!.hash], ['--file', file, '--noted', head]]) {
    const { code, stdout } = await nitro(['audit', 'verify', ...args])
    expect([code, stdout]).toEqual([0, expect.stringContaining(`whole: ${entries.length} entries`)])
    expect(stdout).toContain(head)
  }
})

it('says which entry of a file is the first that is wrong', { timeout: 60_000 }, async () => {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const wrong = join(folder, 'wrong.jsonl')
  const verify = async (changed: string[], ...more: string[]) => {
    writeFileSync(wrong, `${changed.join('\n')}\n`)
    return nitro(['audit', 'verify', '--file', wrong, ...more])
  }
  const [first = '', second = '', third = '', ...rest] = lines
  const cases: [string[], number][] = [
    [[first, second.replace('api-key.create', 'api-key.revoke'), third, ...rest], 2],
    [[first, third, ...rest], 2],
    [[first, third, second, ...rest], 2],
    [[second, third, ...rest], 1],
  ]
  for (const [changed, brokenAt] of cases) {
    const { code, stdout } = await verify(changed)
    expect([code, stdout]).toEqual([1, expect.stringContaining(`broken at entry ${brokenAt}`)])
  }
  const { hash } = AuditExportLine.parse(JSON.parse(lines.at(-1)!))
  expect(await verify(lines.slice(0, -1))).toMatchObject({ code: 0 })
  expect(await verify(lines.slice(0, -1), '--noted', hash)).toMatchObject({ code: 1 })
  expect(await verify([first, 'not an entry'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Line 2') })
})

it('is verified by the backend as well', async () => {
  const response = await ada.request('/api/v1/audit/verification')
  expect(AuditVerification.parse(await response.json())).toMatchObject({ isWhole: true, brokenAt: null })
})
