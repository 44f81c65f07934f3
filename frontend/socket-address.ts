import { randomUUID } from 'node:crypto'
import { Server, type IncomingMessage } from 'node:http'

const noted = Symbol.for('nitro.socket-address')
/** Shared by everything in this process, however often this file was bundled. */
const here = globalThis as { [noted]?: string }

/**
 * Notes with each request whose connection it came over, under a name that nobody outside can know: Next hands on what
 * a client says in X-Forwarded-For, and does not say who that client was.
 */
export function noteSocketAddresses(): void {
  if (here[noted] !== undefined) return
  const name = (here[noted] = `x-socket-${randomUUID()}`)
  const emit = Object.getOwnPropertyDescriptor(Server.prototype, 'emit')?.value ?? Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string, ...given: unknown[]) {
    if (event === 'request') {
      const { headers, socket } = given[0] as IncomingMessage
      if (socket.remoteAddress !== undefined) headers[name] = socket.remoteAddress
    }
    return emit.call(this, event, ...given) as boolean
  }
}

export const socketAddress = (headers: Headers): string | null =>
  here[noted] === undefined ? null : headers.get(here[noted])
