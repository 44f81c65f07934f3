import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { node, root } from './running-app.ts'

type Letter = { to: string; subject: string; text: string }

/** A mail server on this machine, and what it was given to deliver. */
export type MailServer = {
  url: string
  /** The first letter to somebody that nobody has asked for yet, whenever it comes. */
  letterTo: (address: string) => Promise<Letter>
  close: () => Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const server = spawn(node, [join(root, 'backend/test/mail-server-main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = createInterface({ input: server.stdout })
  const [url] = (await Promise.race([
    once(said, 'line'),
    once(server, 'exit').then(() => Promise.reject(new Error('The mail server ended before it said its address'))),
  ])) as [string]
  const letters: Letter[] = []
  said.on('line', (line) => letters.push(JSON.parse(line) as Letter))
  return {
    url,
    async letterTo(address) {
      for (;;) {
        const at = letters.findIndex(({ to }) => to === address)
        if (at >= 0) return letters.splice(at, 1)[0]!
        await once(said, 'line')
      }
    },
    async close() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const exited = once(server, 'exit')
      server.kill('SIGTERM')
      await exited
    },
  }
}

/** The address that a letter leads to. */
export const linkIn = ({ text }: Letter): string => /https?:\/\/\S+#\S+/.exec(text)?.[0] ?? ''
