import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, spawnBackend, type BackendProcess } from './backend-process.ts'
import { pictureOfText } from './pictures.ts'
import { compiledCode } from './prepared-databases.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'nitro-cli-'))
const files = mkdtempSync(join(tmpdir(), 'nitro-files-'))
let backend: BackendProcess

beforeAll(async () => {
  mkdirSync(join(files, 'folder'))
  writeFileSync(
    join(files, 'folder', 'bridges.md'),
    '# Bridges\n\nThe Varda bridge was opened in 1962 and is 214 metres long.\n',
  )
  writeFileSync(join(files, 'folder', 'empty.txt'), '')
  const imported = [
    { id: 'lakes-1', title: 'Lakes', text: 'Lake Orrin freezes every winter from December to March.' },
    { id: 'lakes-2', title: 'Peaks', text: 'Mount Ketter is 3,120 metres high.' },
  ]
  writeFileSync(join(files, 'places.jsonl'), imported.map((line) => JSON.stringify(line)).join('\n'))
  backend = await spawnBackend({ dataDir })
})

afterAll(async () => {
  backend.kill('SIGTERM')
  await backend.ended
  rmSync(dataDir, { recursive: true, force: true })
  rmSync(files, { recursive: true, force: true })
})

interface Result {
  code: number
  stdout: string
  stderr: string
}

function nitro(args: string[], env: Record<string, string> = {}): Promise<Result> {
  const main = join(import.meta.dirname, '../cli/main.ts')
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      {
        env: {
          PATH: process.env['PATH'],
          NODE_COMPILE_CACHE: compiledCode,
          NITRO_DATA_DIR: dataDir,
          NITRO_URL: backend.url,
          ...env,
        },
      },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

async function nitroJson(args: string[]) {
  const { code, stdout, stderr } = await nitro([...args, '--json'])
  return {
    code,
    result: stdout === '' ? undefined : JSON.parse(stdout),
    failure: stderr === '' ? undefined : JSON.parse(stderr),
  }
}

const password = 'correct horse battery'

describe('nitro', () => {
  it('says what to do while nobody has an account', async () => {
    const { code, failure } = await nitroJson(['search', 'anything'])
    expect(code).toBe(1)
    expect(failure.error.message).toContain('user create')
  })

  it('makes accounts in workspaces of their own or in one that is named', async () => {
    const owner = await nitroJson(['user', 'create', '--email', 'ada@example.org', '--password', password])
    expect(owner.result).toMatchObject({ email: 'ada@example.org', role: 'owner' })
    const team = ['--workspace', 'Team', '--role', 'editor']
    const member = await nitroJson(['user', 'create', '--email', 'bob@example.org', '--password', password, ...team])
    expect(member.result).toMatchObject({ role: 'editor', workspaceName: 'Team' })
    expect((await nitro(['user', 'list'])).stdout).toMatch(/ada@example\.org.*\n.*bob@example\.org/)
  })

  it('makes a link that sets a new password, for who gets no letters', async () => {
    const made = await nitroJson(['user', 'reset-link', '--email', 'ada@example.org'])
    expect(made.result.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/reset-password#[\w-]{43}$/)
    const { stdout, stderr } = await nitro(['user', 'reset-link', '--email', 'ada@example.org'])
    expect([stdout, stderr]).toEqual([expect.stringContaining('#'), expect.stringContaining('within an hour')])
    expect((await nitro(['user', 'reset-link', '--email', 'eve@example.org'])).code).toBe(1)
  })

  it('tells a wrong call from a refused one', async () => {
    expect((await nitro(['user', 'create'])).code).toBe(2)
    expect((await nitro(['search', 'x', '--limit', '0'])).code).toBe(2)
    expect((await nitro(['nonsense'])).code).toBe(2)
    const again = await nitroJson(['user', 'create', '--email', 'ada@example.org', '--password', password])
    expect(again).toMatchObject({ code: 1, failure: { error: { code: 'email_taken' } } })
  })

  it('takes folders and imports, waits until they are read, and says which file could not be', async () => {
    const { code, result } = await nitroJson(['ingest', files, '--collection', 'Notes', '--wait'])
    expect(code).toBe(1)
    const problems = [...result.failed, ...result.refused]
    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).toContain('empty.txt')
    expect(result.collection.name).toBe('Notes')
  })

  it('finds passages, imported ones under their own ids', async () => {
    const { result } = await nitroJson([
      'search',
      'When does Lake Orrin freeze?',
      '--collection',
      'Notes',
      '--limit',
      '3',
    ])
    expect(result.hits[0]).toMatchObject({ externalId: 'lakes-1' })
    expect((await nitro(['search', 'bridge', '--collection', 'Nothing'])).stderr).toContain('"Notes"')
  })

  it('changes a collection, waits until its documents are made anew, and says who may read it', async () => {
    const change = ['collections', 'change', 'Notes', '--passage-size', '400', '--access', 'members', '--wait']
    const { result } = await nitroJson(change)
    expect(result).toMatchObject({ access: 'members', chunkProfile: { targetCharacters: 400 }, reindexing: null })
    expect((await nitro(['collections'])).stdout).toMatch(/Notes +\d+ +members +owner/)
    expect((await nitro(['collections', 'members', 'Notes'])).stdout).toMatch(/owner +ada@example\.org/)
    const foreign = await nitro(['collections', 'let-in', 'Notes', 'bob@example.org'])
    expect(foreign).toMatchObject({ code: 1, stderr: 'Nobody in this workspace has the address bob@example.org\n' })
    expect((await nitro(['collections', 'change', 'Notes', '--model', 'mystery'])).stderr).toContain('use-lite')
    const cancelled = await nitro(['collections', 'cancel-reindexing', 'Notes'])
    expect(cancelled).toMatchObject({ code: 1, stderr: 'No document of this collection is being made anew\n' })
    expect((await nitro(['collections', 'models'])).stdout).toContain('(default)')
  })

  it('shows pictures to whoever answers, and says which file it cannot', async () => {
    const pictures = mkdtempSync(join(tmpdir(), 'nitro-pictures-'))
    const [receipt, ticket] = [join(pictures, 'receipt.png'), join(pictures, 'ticket.png')]
    writeFileSync(receipt, pictureOfText(['Total 11.30']))
    writeFileSync(ticket, pictureOfText(['Platform 9']))
    const { code, result } = await nitroJson([
      'ask',
      'What is on them?',
      '--file',
      receipt,
      '--file',
      ticket,
      '--trace',
    ])
    expect(code).toBe(0)
    expect(result.text).toMatch(/Total 11\.30[\s\S]*Platform 9/)
    expect(result.steps).toContainEqual(expect.objectContaining({ module: 'vision', status: 'completed' }))
    const missing = await nitro(['ask', 'What is on it?', '--file', join(pictures, 'nothing.png')])
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing.png cannot be read') })
    const refused = await nitroJson(['ask', 'What is on it?', '--file', join(files, 'places.jsonl')])
    expect(refused).toMatchObject({ code: 1, failure: { error: { code: 'unsupported_media_type' } } })
    rmSync(pictures, { recursive: true, force: true })
  })

  it('answers with sources, and shows how', async () => {
    const words = await nitro(['ask', 'How long is the Varda bridge?', '--collection', 'Notes', '--trace'])
    expect(words).toMatchObject({ code: 0 })
    expect(words.stdout).toMatch(/214 metres[^]*\[1\] bridges\.md, page 1[^]*Plan[^]*knowledge/)
    expect(words.stdout).toMatch(/^Check +1\.00 of the sentences supported[^]*supported +1\.00 \[1\] The Varda bridge/m)
    expect(words.stdout).toMatch(/^Confidence 0\.\d\d: [^]*\n +quotation 0\.\d\d: /m)
    const { result } = await nitroJson(['ask', 'How long is the Varda bridge?', '--collection', 'Notes'])
    expect(result).toMatchObject({ status: 'completed', sources: [{ number: 1, page: 1 }] })
    expect(result.confidence.value).toBeGreaterThan(0.5)
  })

  it('says what was learned, learns when asked, and can be kept from it', async () => {
    expect((await nitro(['learning'])).stdout).toMatch(/^Learning is on\. Nothing was learned yet/)
    const { result } = await nitroJson(['learning', 'run'])
    expect(result).toMatchObject({ version: 1, report: { ratedAnswers: 0 } })
    const off = await nitro(['learning', 'off'])
    expect(off.stdout).toMatch(/^Learning is off.*\n(.*\n)*capability +0\.300 +0\.300\n/)
    expect((await nitroJson(['learning', 'on'])).result).toMatchObject({ isOn: true, version: 1 })
    expect((await nitro(['learning', 'forget'])).code).toBe(2)
  })

  it('says what the modules took and gave', async () => {
    const { result } = await nitroJson(['modules', 'metrics', '--window', '7d'])
    expect(result.rows.map(({ module }: { module: string }) => module)).toContain('knowledge')
    expect(result.series).toHaveLength(8)
    expect((await nitro(['modules', 'metrics'])).stdout).toMatch(/^MODULE.*\n(.*\n)*knowledge +- /)
    expect((await nitro(['modules', 'metrics', '--window', '1y'])).code).toBe(2)
  })

  it('turns a module off and on again, and tries it', async () => {
    expect((await nitro(['modules', 'disable', 'reasoning'])).stdout).toBe('reasoning is off for new answers.\n')
    expect((await nitro(['modules'])).stdout).toMatch(/^reasoning +off +ok/m)
    expect((await nitroJson(['modules', 'test', 'reasoning'])).result).toMatchObject({ passed: true })
    expect((await nitro(['modules', 'enable', 'reasoning'])).stdout).toBe('reasoning is on for new answers.\n')
    expect((await nitro(['modules', 'disable', 'language'])).stderr).toMatch(/^Without language nobody could answer/)
    expect((await nitroJson(['modules', 'test', 'oracle'])).failure).toMatchObject({ error: { code: 'not_found' } })
  })

  it('makes a key that works for its owner only', async () => {
    const { stdout } = await nitro(['key', 'create', '--email', 'bob@example.org', '--name', 'laptop'])
    const key = stdout.trim()
    expect(key).toMatch(/^nk_/)
    expect((await nitro(['search', 'bridge'], { NITRO_API_KEY: key })).stdout).toContain('Nothing found')
    const people = await nitro(['user', 'list'], { NITRO_API_KEY: key })
    expect(people).toMatchObject({ code: 1, stdout: '' })
    expect(people.stderr).toContain('operator key')

    const raised = await nitro(['key', 'tier', key.slice(0, 14), 'pro'])
    expect(raised.stdout).toMatch(/^The key "laptop" \(nk_live_.{6}…\) is pro now: usually 1,000 requests an hour/)
    expect((await nitro(['key', 'tier', key.slice(0, 14), 'best'])).code).toBe(2)
    const byItself = await nitro(['key', 'tier', key.slice(0, 14), 'enterprise'], { NITRO_API_KEY: key })
    expect(byItself).toMatchObject({ code: 1, stderr: expect.stringContaining('operator key') as string })
  })

  it('acts for somebody else with the operator key', async () => {
    const { failure } = await nitroJson(['documents', 'list', '--collection', 'Notes', '--as', 'bob@example.org'])
    expect(failure.error.code).toBe('not_found')
  })

  it('says who may make accounts, and keeps somebody out', async () => {
    expect((await nitro(['registration'])).stdout).toBe('New accounts are by invitation.\n')
    expect((await nitro(['registration', 'open'])).stdout).toBe('Everybody may make an account.\n')
    expect((await nitroJson(['registration', 'invitation'])).result).toEqual({ registration: 'invitation' })
    expect((await nitro(['registration', 'sometimes'])).code).toBe(2)
    expect((await nitroJson(['user', 'suspend', 'nobody@example.org'])).failure.error.code).toBe('not_found')
    expect((await nitro(['user', 'suspend', 'bob@example.org'])).stdout).toContain('is suspended everywhere')
    expect((await nitro(['user', 'restore', 'bob@example.org'])).stdout).toContain('may sign in again')
  })

  it('shows how a document is cut, and sees to how it is read', async () => {
    const { result } = await nitroJson(['documents', 'list', '--collection', 'Notes'])
    const bridges = result.documents.find(({ name }: { name: string }) => name === 'bridges.md')
    const passages = await nitro(['documents', 'passages', bridges.id, '--page', '1'])
    expect(passages).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\[page 1, 0–\d+/) })
    expect((await nitro(['documents', 'passages', bridges.id, '--page', '0'])).code).toBe(2)
    const paused = await nitro(['documents', 'pause', bridges.id])
    expect(paused).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to pause') })
    expect((await nitro(['documents', 'reread', bridges.id])).stdout).toMatch(/^bridges\.md: /)
  })

  it('deletes documents', async () => {
    const list = async () => (await nitroJson(['documents', 'list', '--collection', 'Notes'])).result.documents
    const bridges = (await list()).find(({ name }: { name: string }) => name === 'bridges.md')
    expect((await nitro(['documents', 'delete', bridges.id])).code).toBe(0)
    const left = (await list()).filter(({ status }: { status: string }) => status !== 'deleting')
    expect(left.map(({ name }: { name: string }) => name)).not.toContain('bridges.md')
  })

  it('finds nothing wrong with a healthy server', async () => {
    const { code, result } = await nitroJson(['doctor'])
    expect(result.findings.filter(({ status }: { status: string }) => status === 'fail')).toEqual([])
    expect(code).toBe(0)
  })

  it('shows the state of the database', async () => {
    const { result } = await nitroJson(['db', 'status'])
    expect(result).toMatchObject({ adapter: 'pglite', pending: [], problems: [] })
    expect((await nitro(['db', 'migrate'])).stdout).toContain('0 pending')
  })
})

describe('without a backend', () => {
  it('says so, with an exit code of its own', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const { code, stderr } = await nitro(['search', 'x', '--url', url])
    expect(code).toBe(3)
    expect(stderr).toContain(url)
  })

  it('looks after the database itself', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'nitro-db-'))
    const env = { NITRO_DATA_DIR: empty, NITRO_URL: `http://127.0.0.1:${await freePort()}` }
    expect((await nitro(['db', 'status'], env)).stdout).toMatch(/pending {4}0001/)
    expect((await nitro(['db', 'migrate'], env)).stdout).toContain('0 pending')
    rmSync(empty, { recursive: true, force: true })
  })

  it('sends the key of this machine to this machine only', async () => {
    const { code, stderr } = await nitro(['search', 'x', '--url', 'https://nitro.example.org'])
    expect(code).toBe(1)
    expect(stderr).toContain('NITRO_OPERATOR_KEY')
  })

  it('prints secrets that a deployment can take as they are', async () => {
    const { stdout } = await nitro(['keys', 'web'])
    expect(stdout.split('\n').map((line) => line.split('=')[0])).toEqual([
      'NITRO_WEB_PRIVATE_KEY',
      'NITRO_WEB_PUBLIC_KEY',
      'NEXTAUTH_SECRET',
      'NITRO_OPERATOR_KEY',
      'NITRO_SECRET_KEY',
      '',
    ])
  })
})
