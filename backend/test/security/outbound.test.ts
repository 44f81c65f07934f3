import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { good, openPeople, posted, openingMs } from './world.ts'

let world: Awaited<ReturnType<typeof openPeople>>
let inside: Server
let connections = 0
let port: number
let collection: string

beforeAll(async () => {
  world = await openPeople()
  // What must not be reached: it listens where the addresses below point.
  inside = createServer((_, response) => response.end('inside'))
  inside.on('connection', () => connections++)
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  port = (inside.address() as AddressInfo).port
  collection = (
    await good<{ id: string }>(world.as(world.alice, 'key', '/api/v1/collections', posted({ name: 'Web' })))
  ).id
}, openingMs)
afterAll(async () => {
  inside.closeAllConnections()
  inside.close()
  await world.close()
})

const hosts = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f000001',
  '0x7f.0.0.1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  'localhost',
  'localhost.',
  'LOCALHOST',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fc00::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
]

/** With the port where somebody listens, and without one; then addresses that are none of the web. */
const addresses = (): string[] => [
  ...hosts.flatMap((host) => [`http://${host}:${port}/`, `http://${host}/`]),
  `http://127.0.0.1:${port}\\@example.com/`,
  `http://example.com@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}#@example.com/`,
  `http://\t127.0.0.1:${port}/`,
  `http://127.0.0\n.1:${port}/`,
  `https://127.0.0.1:${port}/`,
  `ws://127.0.0.1:${port}/`,
  `gopher://127.0.0.1:${port}/`,
  `ftp://127.0.0.1:${port}/`,
  'file:///etc/passwd',
  'data:text/html,hello',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
]

/** Every door through which an address comes in. */
const doors: Readonly<Record<string, (url: string) => [path: string, body: object]>> = {
  ...Object.fromEntries(
    (['url', 'site', 'feed'] as const).map((kind) => [
      `a source that is a ${kind}`,
      (url: string) => [`/api/v1/collections/${collection}/sources`, { kind, url }],
    ]),
  ),
  'an image for the model': (url) => [
    '/v1/chat/completions',
    { model: 'nitro-offline', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] },
  ],
}

it.each(Object.keys(doors))('reaches nothing inside through %s', async (name) => {
  const found: string[] = []
  for (const address of addresses()) {
    const [path, body] = doors[name]!(address)
    const { status, text } = await world.as(world.alice, 'key', path, posted(body))
    // Not every machine knows every name of itself.
    if (![400, 422].includes(status) && !text.includes('cannot be looked up')) found.push(`${address}: ${status}`)
  }
  expect([found, connections]).toEqual([[], 0])
})

it('follows no page of the web to the inside', async () => {
  const path = `/api/v1/collections/${collection}/sources`
  for (const status of [301, 302, 303, 307, 308]) {
    for (const kind of ['url', 'site', 'feed']) {
      const url = `${world.site}/to/${status}?${encodeURIComponent(`http://127.0.0.1:${port}/${kind}`)}`
      const made = await world.as(world.alice, 'key', path, posted({ kind, url, scheduleHours: null }))
      expect([url, made.status < 500]).toEqual([url, true])
      if (made.status >= 300) continue
      const { id } = JSON.parse(made.text) as { id: string }
      await expect
        .poll(async () => (await world.as(world.alice, 'key', `/api/v1/sources/${id}`)).text, { timeout: 30_000 })
        .not.toMatch(/"status":"(?:waiting|fetching)"/)
    }
  }
  expect(connections).toBe(0)
})

it('never gives anybody the command of a process to start', async () => {
  const { text } = await world.asOperator('/api/v1/openapi.json')
  expect([...text.matchAll(/"(command|args|env|argv|executable|stdio)":\{/g)].map(([found]) => found)).toEqual([])
})
