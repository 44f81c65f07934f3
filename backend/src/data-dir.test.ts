import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DataDirError, openDataDir } from './data-dir.ts'

let path: string
const children: ChildProcess[] = []
beforeEach(() => void (path = join(mkdtempSync(join(tmpdir(), 'nitro-data-')), 'data')))
afterEach(async () => {
  for (const child of children.splice(0)) await end(child)
  rmSync(join(path, '..'), { recursive: true, force: true })
})

/** A second backend, as far as the folder is concerned: says what it got, then holds on. */
async function openInChild(): Promise<{ child: ChildProcess; said: string }> {
  const script = `import { openDataDir } from ${JSON.stringify(new URL('data-dir.ts', import.meta.url).href)}
    try { openDataDir(process.argv[1]); console.log('open'); setInterval(() => {}, 1000) }
    catch (error) { console.log(error.exitCode + ' ' + error.message) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [bytes] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, said: bytes.toString().trim() }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const modeOf = (file: string) => statSync(file).mode & 0o777
const refusal = (work: () => unknown): DataDirError => {
  try {
    work()
  } catch (error) {
    if (error instanceof DataDirError) return error
  }
  throw new Error('It was not refused')
}

it('is made for its owner alone, with an operator key that stays the same', () => {
  const first = openDataDir(path)
  expect(first.operatorKey).toMatch(/^no_[\w-]{43}$/)
  expect([modeOf(path), modeOf(join(path, 'keys')), modeOf(join(path, 'keys/operator-key'))]).toEqual([
    0o700, 0o700, 0o600,
  ])
  first.close()
  chmodSync(join(path, 'keys/operator-key'), 0o644)
  const second = openDataDir(path)
  expect(second.operatorKey).toBe(first.operatorKey)
  expect(modeOf(join(path, 'keys/operator-key'))).toBe(0o600)
  second.close()
  const given = openDataDir(path, { operatorKey: 'no_given', secretKeys: ['given'] })
  expect(given).toMatchObject({ operatorKey: 'no_given', secretKeys: ['given'] })
  given.close()
})

it('has a key for stored secrets, which stays the same', () => {
  const first = openDataDir(path)
  expect(first.secretKeys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(modeOf(join(path, 'keys/secret-key'))).toBe(0o600)
  first.close()
  const second = openDataDir(path)
  expect(second.secretKeys).toEqual(first.secretKeys)
  second.close()
})

it('lets one backend in, and says which one is there', async () => {
  const { child, said } = await openInChild()
  expect(said).toBe('open')
  const { message, exitCode } = refusal(() => openDataDir(path))
  expect(message).toBe(`Another NitroAGI backend (pid ${child.pid}) uses ${path}. Stop it or set NITRO_DATA_DIR.`)
  expect(exitCode).toBe(75)
})

it('is free again after kill -9, whatever the lock file says', async () => {
  const { child } = await openInChild()
  await end(child)
  expect(existsSync(join(path, 'backend.lock'))).toBe(true)
  // A number that another, living process has by now.
  writeFileSync(join(path, 'backend.lock'), JSON.stringify({ pid: process.pid }))
  openDataDir(path).close()
  expect(existsSync(join(path, 'backend.lock'))).toBe(false)
})

it('lets one in, when many start at once', async () => {
  const said = (await Promise.all(Array.from({ length: 6 }, openInChild))).map((result) => result.said)
  expect(said.filter((words) => words === 'open')).toHaveLength(1)
  expect(said.filter((words) => words.startsWith('75 Another NitroAGI backend'))).toHaveLength(5)
})

it('is let go by closing it, twice does no harm', () => {
  const first = openDataDir(path)
  expect(refusal(() => openDataDir(path)).exitCode).toBe(75)
  first.close()
  first.close()
  const second = openDataDir(path)
  expect(JSON.parse(readFileSync(join(path, 'backend.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
  second.close()
})

it('says in one sentence that it cannot be written to', () => {
  writeFileSync(join(path, '..', 'file'), '')
  const { message, exitCode } = refusal(() => openDataDir(join(path, '..', 'file', 'data')))
  expect(message).toMatch(/^The data folder .* cannot be used: .*Set NITRO_DATA_DIR\.$/)
  expect(exitCode).toBe(73)
})
