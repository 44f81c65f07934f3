import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail server on loopback that keeps what it is given; at a free port unless one is named. */
export async function startMailServer(options: SMTPServerOptions = {}, at = 0) {
  const letters: Email[] = []
  const waiting: (() => void)[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      void buffer(stream).then(async (bytes) => {
        letters.push(await PostalMime.parse(bytes))
        done()
        for (const wake of waiting.splice(0)) wake()
      }, done)
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(at, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo

  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    letters,
    /** The one after `earlier` letters, whenever it comes. */
    async letter(earlier: number): Promise<Email> {
      while (letters.length <= earlier) await new Promise<void>((wake) => waiting.push(wake))
      return letters[earlier]!
    },
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>

/** What the link in a letter carries after its #. */
export const tokenIn = ({ text = '' }: Email): string => /#(\S+)/.exec(text)?.[1] ?? ''
