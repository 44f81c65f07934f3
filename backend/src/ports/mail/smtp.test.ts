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
