import { execFile } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readKeys } from './keys.mjs'
import { complaintAbout } from './require-node.mjs'
import { dataDirectory, readSettings } from './settings.mjs'

const folder = mkdtempSync(join(tmpdir(), 'nitro-launch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What `npm start` says and how it ends when it cannot start. */
function start(args) {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, NITRO_DATA_DIR: join(folder, 'data') }
    execFile(process.execPath, [join(import.meta.dirname, 'start.mjs'), ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
  })
}

describe('npm start refuses in one plain sentence', () => {
  it('a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address()
    const { code, stderr } = await start(['--port', String(port)])
    server.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^Port ${port} is in use by another program\\..*--port ${port + 1}\n$`))
  })

  it('a data folder that cannot be', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { code, stderr } = await start(['--data-dir', join(folder, 'file', 'data')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The data folder \S+ cannot be written to \(part of the path is a file\)\.\n$/)
  })

  it.each([
    [['--port', 'eighty'], /^--port must be a port number, not "eighty"\.\n$/],
    [['--port', '8000'], /^The web app and the backend cannot both listen on port 8000\.\n$/],
    [['--colour', 'blue'], /^Unknown option '--colour'\. Add --help to see the options\.\n$/],
    [['--host', '203.0.113.9'], /^This machine has no address 203\.0\.113\.9\. Choose another with --host\.\n$/],
  ])('%j', async (args, sentence) => {
    const { code, stderr } = await start(args)
    expect(code).toBeGreaterThan(0)
    expect(stderr).toMatch(sentence)
  })
})

it('knows which Node is too old', () => {
  expect(complaintAbout('18.20.4')).toMatch(/needs Node\.js 20 or newer, and this is 18\.20\.4/)
  expect(complaintAbout('20.0.0')).toBeUndefined()
})

it('lets an option win over a variable, and a variable over the default', () => {
  expect(readSettings([], {})).toMatchObject({ port: 3000, backendPort: 8000, host: '127.0.0.1' })
  expect(readSettings(['--port', '3100'], { PORT: '3200', BACKEND_PORT: '8200' })).toMatchObject({
    port: 3100,
    backendPort: 8200,
  })
  expect(dataDirectory(undefined)).toBe(join(import.meta.dirname, '../../.nitro'))
})

it('makes the keys of a machine once, for the eyes of their owner only', () => {
  const first = readKeys(folder, {})
  expect(readKeys(folder, {})).toEqual(first)
  for (const name of ['web-private-key.pem', 'session-secret']) {
    expect(statSync(join(folder, 'keys', name)).mode & 0o777).toBe(0o600)
  }
  const privateKey = readFileSync(first.web.NITRO_WEB_PRIVATE_KEY_FILE, 'utf8')
  const derived = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' })
  expect(readFileSync(first.backend.NITRO_WEB_PUBLIC_KEY_FILE, 'utf8')).toBe(derived)
  // As a variable it is one line.
  const line = privateKey.replaceAll('\n', '\\n')
  expect(readKeys(folder, { NITRO_WEB_PRIVATE_KEY: line }).backend).toEqual({ NITRO_WEB_PUBLIC_KEY: derived })
})
