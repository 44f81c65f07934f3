import { describe, expect, it, vi } from 'vitest'
import { silentLog } from '../log.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { AccountCareRepository, NewLink } from '../ports/database/account-care-port.ts'
import type { Letter } from '../ports/mail/port.ts'
import { createAccountLinks } from './account-links.ts'

const letter: Letter = { to: 'ada@example.com', subject: 'Hello', text: 'Hello' }
const ada = { userId: 'ada', email: 'ada@example.com' }

function setUp({ isConfigured = true, lockedSeconds = undefined as number | undefined } = {}) {
  const added: NewLink[] = []
  const sent: Letter[] = []
  const counted: unknown[][] = []
  const warned: unknown[][] = []
  const links = createAccountLinks({
    repository: { addLink: async (link: NewLink) => void added.push(link) } as unknown as AccountCareRepository,
    attempts: {
      begin: async (subjects, limit) => {
        counted.push([subjects, limit])
        return { lockedSeconds, subjects, at: '' }
      },
      succeed: async () => {},
      withdraw: async () => {},
      forget: async () => {},
    },
    mail: { isConfigured, send: async (one) => void sent.push(one) },
    webUrl: 'https://nitro.example',
    log: { ...silentLog, warn: (...given) => void warned.push(given) },
  })
  return { links, added, sent, counted, warned }
}

it.each([
  ['verify-email', 'verify-email'],
  ['change-email', 'verify-email'],
  ['reset-password', 'reset-password'],
] as const)('makes a link that is good for an hour, whose token no server is told: %s', async (purpose, page) => {
  const { links, added } = setUp()
  const link = await links.create(ada, purpose)
  const [address, token = ''] = link.split('#')
  expect(address).toBe(`https://nitro.example/${page}`)
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(added).toEqual([{ ...ada, tokenHash: hashSecret(token), purpose, seconds: 3_600 }])
})

describe('a letter that nobody waits for', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('is written and sent after the answer', async () => {
    const { links, sent } = setUp()
    let isWritten = false
    links.sendLater('hello', async () => {
      isWritten = true
      return letter
    })
    await settled()
    expect(isWritten).toBe(false)
    await vi.waitFor(() => expect(sent).toEqual([letter]))
  })

  it('is not sent when there turns out to be nothing to say', async () => {
    const { links, sent, warned } = setUp()
    let isWritten = false
    links.sendLater('hello', async () => void (isWritten = true) as undefined)
    await vi.waitFor(() => expect(isWritten).toBe(true))
    await settled()
    expect([sent, warned]).toEqual([[], []])
  })

  it('that failed is noted, without whom it was to', async () => {
    const { links, warned } = setUp()
    links.sendLater('hello', () => Promise.reject(new Error('away')))
    await vi.waitFor(() => expect(warned).toHaveLength(1))
    expect(warned[0]?.[0]).toBe('letter-not-sent')
    expect(JSON.stringify(warned)).not.toContain('ada@example.com')
  })
})

it('sends nothing where no letters can be sent', async () => {
  const { links, sent } = setUp({ isConfigured: false })
  let isWritten = false
  links.sendLater('hello', async () => void (isWritten = true) as undefined)
  await links.notify(letter)
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect([links.hasMail, isWritten, sent]).toEqual([false, false, []])
})

it('sends where they can', async () => {
  const { links, sent } = setUp()
  await links.send(letter)
  await links.notify(letter)
  expect([links.hasMail, sent]).toEqual([true, [letter, letter]])
})

describe('how often letters are asked for', () => {
  it('is three times an hour, unless something else is said', async () => {
    const { links, counted } = setUp()
    await links.count(['a'])
    await links.count(['a', 'b'], { failures: 5, seconds: 900 })
    expect(counted).toEqual([
      [['a'], { failures: 3, seconds: 3_600 }],
      [['a', 'b'], { failures: 5, seconds: 900 }],
    ])
  })

  it.each([0, 7])('is too often, and when to come back: in %i s', async (lockedSeconds) => {
    await expect(setUp({ lockedSeconds }).links.count(['a'])).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: lockedSeconds,
    })
  })
})
