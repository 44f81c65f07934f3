import { expect, it } from 'vitest'
import { createLog, type Log } from './log.ts'

/** What one call writes, as whoever reads the log gets it. */
function written(write: (log: Log) => void): Record<string, unknown> {
  const lines: string[] = []
  write(createLog({ level: 'debug' }, { write: (line: string) => void lines.push(line) }))
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0]!) as Record<string, unknown>
}

it('writes the fields on its list and says which other ones there were, without what they held', () => {
  const fields = {
    requestId: 'r1',
    status: 200,
    passed: true,
    applied: ['one', 'two'],
    password: 'canary',
    text: 'canary',
  }
  const line = written((log) => log.info('request-end', fields))
  expect(line).toMatchObject({
    event: 'request-end',
    requestId: 'r1',
    status: 200,
    passed: true,
    applied: ['one', 'two'],
  })
  expect(line['unlisted']).toEqual(['password', 'text'])
  expect(JSON.stringify(line)).not.toContain('canary')
})

it('holds on to the list with fields that every line gets', () => {
  const fields = { workspaceId: 'w1', cookie: 'canary' }
  const line = written((log) => log.with(fields).warn('request-failed', { code: 'internal' }))
  expect(line).toMatchObject({ workspaceId: 'w1', code: 'internal' })
  expect(JSON.stringify(line)).not.toContain('canary')
})

it('writes no object, whatever the field is called', () => {
  const line = written((log) => log.info('x', { status: { secret: 'canary' }, kind: [{ secret: 'canary' }, 'page'] }))
  expect(line).toMatchObject({ status: 'object', kind: ['object', 'page'] })
})

it('says what went wrong and where, down to the cause', () => {
  const error = new Error('The upload broke off', {
    cause: Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' }),
  })
  const line = written((log) => log.error('request-failed', { error }))
  expect(line['error']).toMatchObject({
    name: 'Error',
    message: 'The upload broke off',
    stack: expect.stringMatching(/^Error: The upload broke off\n\s+at .*log\.test\.ts/),
    cause: { message: 'connect failed', code: 'ECONNREFUSED' },
  })
})

const failureOf = (work: () => unknown): Error => {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('It worked')
}

it.each([
  ['of JSON that is none', failureOf(() => JSON.parse('canary text of a file'))],
  ['of JSON that breaks off', failureOf(() => JSON.parse('{"canary": "text"'))],
  [
    'of a model that wrote something else',
    new Error('Type validation failed: Value: {"canary": 1}.\nError message: []'),
  ],
  ['of a parser', new Error('JSON parsing failed: Text: canary\nmore canary.')],
  ['of the database', new Error('invalid input syntax for type uuid: "canary"')],
])('does not repeat what could not be read, in the failure %s', (_, error) => {
  const line = written((log) => log.error('x', { error: new Error('outer', { cause: error }) }))
  expect(JSON.stringify(line)).not.toContain('canary')
})

it.each([
  ['an API key', `nk_live_${'canary'.repeat(8)}`],
  ['a ticket', `nt_${'canary'.repeat(8)}`],
  ['an invitation', `ni_${'canary'.repeat(8)}`],
  ['a key of a provider', 'sk-canarycanarycanary'],
  ['a token', 'eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.canary'],
  ['a header', 'Bearer canary'],
  ['an e-mail address', 'canary@mail.example.org'],
  ['the password in an address', 'postgresql://canary:canary@db.example.org/nitro'],
  ['a sealed secret', `v1.0123abcd.${'canary'.repeat(3).slice(0, 16)}.${'canary'.repeat(6)}`],
])('does not repeat %s that a message or a name brings along', (_, secret) => {
  const error = new Error(`It was (${secret}) that failed`)
  const line = written((log) => log.warn('x', { error, kind: secret }))
  expect(JSON.stringify(line['error']) + String(line['kind'])).not.toContain('canary')
  expect(line['error']).toMatchObject({ message: expect.stringContaining('that failed') })
})

it('cuts what is too long to be a name', () => {
  const line = written((log) => log.info('x', { warning: 'word '.repeat(1_000) }))
  expect(String(line['warning']).length).toBe(500)
})
