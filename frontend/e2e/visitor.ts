import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string }
export type Asked = { method?: string; headers?: OutgoingHttpHeaders; body?: string }
export type Account = { name: string; email: string; password: string }

export type Visitor = ReturnType<typeof createVisitor>

/**
 * Somebody who writes requests by hand: paths and headers go out as they are given, which no browser would do.
 * `origin` is that of the site, where it is not the address that it is reached at.
 */
export function createVisitor(baseUrl: string, origin = baseUrl) {
  const { hostname, port } = new URL(baseUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const cookies = new Map<string, string>()

  const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const asking = request({
        agent,
        hostname,
        port,
        path,
        method,
        headers: { ...(cookie && { cookie }), ...headers },
      })
      asking.on('error', reject)
      asking.on('response', (answer) => {
        for (const set of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
          if (value) cookies.set(name!, value)
          else cookies.delete(name!)
        }
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(pieces).toString() }),
        )
      })
      asking.end(body)
    })

  async function post(path: string, form: object, method = 'POST'): Promise<Answer> {
    const answer = await ask(path, {
      method,
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify(form),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${answer.body}`)
    return answer
  }

  /** What a page of ours would ask the backend; anything but success is an error. */
  async function call<Said = unknown>(method: string, path: string, body?: object): Promise<Said> {
    const asked = `/api/backend${path}`
    const answer = method === 'GET' ? await ask(asked) : await post(asked, body ?? {}, method)
    if (answer.status >= 300) throw new Error(`GET ${path} was answered with ${answer.status}: ${answer.body}`)
    return (answer.body ? JSON.parse(answer.body) : undefined) as Said
  }

  return {
    ask,
    call,
    /** As a page does it: with a ticket, to the backend itself. */
    async upload(to: { collectionId: string } | 'message', name: string, bytes: Uint8Array<ArrayBuffer>) {
      const door = to === 'message' ? { kind: 'attachment' } : { kind: 'upload', ...to }
      const { ticket, url } = await call<{ ticket: string; url: string }>('POST', '/tickets', door)
      const target = new URL(url)
      for (const [key, value] of Object.entries({ name, ...(to === 'message' ? {} : to) })) {
        target.searchParams.set(key, value)
      }
      const answer = await fetch(target, {
        method: 'POST',
        headers: { authorization: `Bearer ${ticket}`, 'content-type': 'application/octet-stream', origin: baseUrl },
        body: bytes,
      })
      if (!answer.ok) throw new Error(`${name} was answered with ${answer.status}: ${await answer.text()}`)
      const said = (await answer.json()) as { id: string } | { documents: { id: string }[] }
      return 'documents' in said ? said.documents[0]!.id : said.id
    },
    signUp: ({ name, email, password }: Account, invitation?: string) =>
      post('/api/account/sign-up', { name, email, password, ...(invitation && { invitation }) }),
    async signIn({ email, password }: Account) {
      const { csrfToken } = JSON.parse((await ask('/api/auth/csrf')).body) as { csrfToken: string }
      await ask('/api/auth/callback/credentials', {
        method: 'POST',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrfToken, email, password, json: 'true' }).toString(),
      })
      if (![...cookies.keys()].some((name) => name.includes('session-token')))
        throw new Error(`${email} was not let in`)
    },
    /** For a browser that goes on as this visitor. */
    cookies: () => [...cookies].map(([name, value]) => ({ name, value, url: baseUrl })),
    leave: () => agent.destroy(),
  }
}
