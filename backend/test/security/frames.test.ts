import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { webOrigin } from '../test-backend.ts'
import { good, nowhere, openWorld, posted, type Person, type World, openingMs } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
}, openingMs)
afterAll(() => world?.close())

/** A socket of somebody's, which says one thing after the other and reads what is answered until it is quiet. */
async function talk(
  who: Person,
  frames: readonly (object | string)[],
): Promise<{ said: string[]; closed: number | null }> {
  const { ticket } = await good<{ ticket: string }>(
    world.as(who, 'session', '/api/v1/tickets', posted({ kind: 'websocket' })),
  )
  const socket = new WebSocket(`${world.backend.url.replace('http', 'ws')}/ws`, ['nitro.v1', `t.${ticket}`], {
    origin: webOrigin,
  })
  const said: string[] = []
  let closed: number | null = null
  let isQuiet = () => {}
  socket.on('message', (data) => {
    said.push(String(data))
    if (/"type":"pong"/.test(String(data))) isQuiet()
  })
  socket.on('close', (code) => {
    closed = code
    isQuiet()
  })
  await once(socket, 'open')
  for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  // Frames are answered in turn, and a run that may be read says its log before that.
  const quiet = new Promise<void>((resolve) => (isQuiet = resolve))
  await new Promise((resolve) => setTimeout(resolve, 60))
  if (closed === null) {
    socket.send(JSON.stringify({ type: 'ping' }))
    await quiet
  }
  socket.terminate()
  return { said, closed }
}

const withoutIds = (said: readonly string[]) =>
  said.join('\n').replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')

/** Every frame with every field of it that takes an id. */
function framesWith(ids: Record<'run' | 'conversation' | 'message' | 'attachment' | 'collection', string>) {
  const own = world.ofAlice.conversation
  const send = (conversation: string, message: object) => ({
    type: 'send',
    id: 'x',
    conversation,
    idempotencyKey: randomUUID(),
    message: { text: 'What is the launch code of the vault?', ...message },
  })
  return {
    subscribe: { type: 'subscribe', id: 'x', run: ids.run },
    resume: { type: 'resume', id: 'x', run: ids.run, after: 0 },
    stop: { type: 'stop', id: 'x', run: ids.run },
    'send in a conversation': send(ids.conversation, {}),
    'send with an attachment': send(own, { attachments: [ids.attachment] }),
    'send after a message': send(own, { parentId: ids.message }),
    'subscribe in capitals': { type: 'subscribe', id: 'x', run: ids.run.toUpperCase() },
    'subscribe with a space': { type: 'subscribe', id: 'x', run: `${ids.run} ` },
    'subscribe to a list': { type: 'subscribe', id: 'x', run: [world.ofAlice.run, ids.run] },
    'subscribe for a workspace': { type: 'subscribe', id: 'x', run: ids.run, workspace: world.bob.workspaceId },
    'subscribe with a role': { type: 'subscribe', id: 'x', run: ids.run, role: 'owner', scope: ['admin'] },
  }
}

it('answers a frame about a foreign thing as one about nothing, and shows and changes nothing of it', async () => {
  const before = await world.fingerprint(world.bob)
  const nothing = {
    run: nowhere,
    conversation: nowhere,
    message: nowhere,
    attachment: nowhere,
    collection: nowhere,
  }
  const missing = framesWith(nothing)
  for (const [name, frame] of Object.entries(framesWith(world.ofBob))) {
    const theirs = await talk(world.alice, [frame])
    const nobodys = await talk(world.alice, [missing[name as keyof typeof missing]])
    expect(`${name}: ${withoutIds(theirs.said)}`).toBe(`${name}: ${withoutIds(nobodys.said)}`)
    expect(withoutIds(theirs.said)).toContain('"type":"error"')
    expect(theirs.said.join('')).not.toContain(world.canary)
  }
  expect(await world.fingerprint(world.bob)).toEqual(before)
})

it('finds nothing for an answer in a collection of another workspace', async () => {
  const [collection] = [world.ofBob.collection]
  const frame = {
    type: 'send',
    conversation: (await good<{ id: string }>(world.as(world.alice, 'key', '/api/v1/conversations', posted({})))).id,
    idempotencyKey: randomUUID(),
    message: { text: 'What is the launch code of the vault?', options: { collectionIds: [collection] } },
  }
  const { said } = await talk(world.alice, [frame])
  const run = /"run":\{"id":"([^"]+)"/.exec(said.join(''))?.[1]
  expect(run).toBeDefined()
  const { text } = await world.as(world.alice, 'key', `/api/v1/runs/${run}/events`)
  expect(`${said.join('')} ${text}`).not.toContain(world.canary)
})

it('reads one’s own run, so that it is the foreign one that is refused', async () => {
  const { said } = await talk(world.alice, [{ type: 'subscribe', run: world.ofAlice.run }])
  expect(said.join('')).toContain('"type":"finish"')
})

it('lets a viewer read by a socket and do nothing', async () => {
  const { said } = await talk(world.carol, [
    { type: 'stop', id: 'a', run: world.ofAlice.run },
    {
      type: 'send',
      id: 'b',
      conversation: world.ofAlice.conversation,
      idempotencyKey: 'b',
      message: { text: 'May I?' },
    },
  ])
  expect(said.slice(1, 3).map((frame) => (JSON.parse(frame) as { error?: { code: string } }).error?.code)).toEqual([
    'forbidden',
    'forbidden',
  ])
})

it('answers or closes on frames that make no sense, and goes on with others', async () => {
  const strange = [
    '',
    ' ',
    '{',
    'null',
    '[]',
    '7',
    '"subscribe"',
    '{}',
    '{"type":"__proto__"}',
    '{"type":["subscribe"],"run":"x"}',
    '{"type":"hello"}',
    '{"type":"event"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","run":null}',
    `{"type":"subscribe","run":"${'a'.repeat(5_000)}"}`,
    `{"type":"resume","run":"${nowhere}","after":-1}`,
    `{"type":"resume","run":"${nowhere}","after":1e400}`,
    `{"type":"resume","run":"${nowhere}","after":"0"}`,
    `{"type":"send","conversation":"${nowhere}","idempotencyKey":"","message":{"text":"x"}}`,
    `{"type":"send","conversation":"${nowhere}","idempotencyKey":"k","message":{"text":"x","role":"system"}}`,
    `{"type":"send","conversation":"${nowhere}","idempotencyKey":"k","message":{"text":"\\u0000"}}`,
    `{"type":"send","conversation":"${nowhere}","idempotencyKey":"\\ud800","message":{"text":"x\\ud800"}}`,
    `{"type":"ping","id":"${'x'.repeat(2_000)}"}`,
    `{"type":"subscribe","run":"${nowhere}","__proto__":{"scopes":["admin"]}}`,
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    `{"type":"ping","id":"${'x'.repeat(70_000)}"}`,
  ]
  for (const frame of strange) {
    const { said, closed } = await talk(world.alice, [frame])
    const answer = JSON.parse(said[1] ?? '{}') as { type?: string; error?: { code: string } }
    const name = frame.slice(0, 80)
    if (closed !== null) expect([name, closed]).toEqual([name, 1009])
    else expect([name, answer.type, answer.error?.code]).not.toContain('internal')
    if (closed === null && !frame.includes('__proto__":{')) expect([name, answer.type]).toEqual([name, 'error'])
  }
  const { said } = await talk(world.alice, [{ type: 'ping', id: 'still' }])
  expect(said[1]).toContain('still')
})
