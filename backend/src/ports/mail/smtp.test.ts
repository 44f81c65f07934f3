import { createServer, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { startMailServer, type MailServer } from '../../../test/mail-server.ts'
import { createNoMail } from './none.ts'
import { createSmtpMail } from './smtp.ts'

const from = 'NitroAGI <nitro@example.org>'
const letter = {
  to: 'ada@example.com',
  subject: 'A subject – with a dash',
  text: 'Line one\nhttp://127.0.0.1/#token\n',
}
let server: MailServer | undefined
afterEach(() => server?.close())

it('hands a letter over as it was written, to one address', async () => {
  server = await startMailServer()
  await createSmtpMail({ url: server.url, from }).send(letter)
  const [arrived] = server.letters
  expect(arrived).toMatchObject({
    subject: letter.subject,
    text: letter.text,
    from: { name: 'NitroAGI', address: 'nitro@example.org' },
    to: [{ name: '', address: 'ada@example.com' }],
  })
})

it.each([
  ['a subject', { subject: 'Come to Lab\r\nBcc: eve@evil.example\r\nX-Seen: 1\r\n\r\nAnother text' }],
  ['a subject with bare line ends', { subject: 'Come to Lab\nBcc: eve@evil.example\rX-Seen: 1' }],
  ['an address', { to: 'ada@example.com\r\nRCPT TO:<eve@evil.example>' }],
  ['an address with a header', { to: 'ada@example.com\r\nBcc: eve@evil.example' }],
  ['an address with another beside it', { to: 'ada@example.com, eve@evil.example' }],
  ['an address with another in brackets', { to: 'ada@example.com <eve@evil.example>' }],
  ['an address with another in its name', { to: '"ada@example.com" eve@evil.example' }],
  [
    'a text',
    { text: 'Hello\r\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<eve@evil.example>\r\nDATA\r\nX\r\n.\r\n' },
  ],
])('goes to nobody else, and says no more, whatever %s holds', async (_, change) => {
  const recipients: string[] = []
  server = await startMailServer({
    onRcptTo: ({ address }, _session, done) => (recipients.push(address), done()),
  })
  // What cannot be an address may be refused as well.
  await createSmtpMail({ url: server.url, from })
    .send({ ...letter, ...change })
    .catch(() => {})
  expect(server.letters.length).toBeLessThanOrEqual(1)
  for (const { headers, bcc, to, cc } of server.letters) {
    expect([bcc, cc, to?.length]).toEqual([undefined, undefined, 1])
    expect(headers.map(({ key }) => key)).not.toContain('x-seen')
  }
  if (!('to' in change)) expect([recipients, server.letters.length]).toEqual([['ada@example.com'], 1])
  else expect(recipients.every((address) => address.includes('ada@example.com'))).toBe(true)
})

it('signs in where the address says so', async () => {
  const names: unknown[] = []
  server = await startMailServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      names.push([username, password])
      done(null, { user: username })
    },
  })
  await createSmtpMail({ url: `smtp://nitro:p%40ss@127.0.0.1:${server.port}`, from }).send(letter)
  expect([names, server.letters.length]).toEqual([[['nitro', 'p@ss']], 1])
})

it('says nothing of the letter when it is refused', async () => {
  server = await startMailServer({
    onRcptTo: ({ address }, _session, done) => done(Object.assign(new Error(`no ${address}`), { responseCode: 550 })),
  })
  const failure = await createSmtpMail({ url: server.url, from })
    .send(letter)
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'unavailable',
    message: 'The mail server did not take the letter (EENVELOPE, 550)',
  })
  expect((failure as Error).cause).toBeUndefined()
})

it('gives nothing to a server whose certificate it cannot check', async () => {
  server = await startMailServer({ secure: true })
  await expect(createSmtpMail({ url: `smtps://127.0.0.1:${server.port}`, from }).send(letter)).rejects.toThrow(
    'ESOCKET',
  )
  expect(server.letters).toEqual([])
})

it('gives up on a server that says nothing', async () => {
  const silent = createServer()
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  const { port } = silent.address() as AddressInfo
  const mail = createSmtpMail({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 100 })
  await expect(mail.send(letter)).rejects.toThrow('ETIMEDOUT')
  silent.close()
})

it('says what is missing where no mail server is set up', async () => {
  expect(createNoMail().isConfigured).toBe(false)
  await expect(createNoMail().send(letter)).rejects.toThrow('NITRO_SMTP_URL')
})
