import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { node, root } from './running-app.ts'

/** Whom it says has signed in, the next time somebody is sent to it. */
export type Person = { sub: string; email: string; email_verified: boolean; name: string }

/** A service that speaks OpenID Connect, on this machine; whoever is sent to it is signed in there at once. */
export type IdentityProvider = {
  /** The settings of a web app that knows it. */
  settings: Record<string, string>
  /** It answers once it knows where that web app is. */
  serve: (webUrl: string) => Promise<void>
  become: (person: Person) => Promise<void>
  /** Calls itself something else; the empty word is what it is. */
  lie: (issuer: string) => Promise<void>
  /** Does not send the next person back; gives where they would have gone. */
  keptBack: (begin: () => Promise<void>) => Promise<string>
  close: () => Promise<void>
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const server = spawn(node, [join(root, 'backend/test/identity-provider-main.ts')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  async function next<Said>(): Promise<Said> {
    for (;;) {
      const { done, value } = await lines.next()
      if (done) throw new Error('The identity provider has ended')
      // Its package gives advice on the same output.
      if (value.startsWith('{')) return JSON.parse(value) as Said
    }
  }
  async function command(asked: object) {
    server.stdin.write(`${JSON.stringify(asked)}\n`)
    await next()
  }
  return {
    settings: await next(),
    serve: (webUrl) => command({ webUrl }),
    become: (person) => command({ become: person }),
    lie: (issuer) => command({ issuer }),
    async keptBack(begin) {
      await command({ keepNext: true })
      await begin()
      return (await next<{ kept: string }>()).kept
    },
    async close() {
      const exited = once(server, 'exit')
      server.stdin.end()
      await exited
    },
  }
}
