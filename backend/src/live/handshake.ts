import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { NitroError } from '@nitroagi/shared/errors'
import { liveProtocol } from '@nitroagi/shared/live'
import { otherCredentialHeaders } from '../identity/authenticate.ts'

const path = '/ws'
const offerCharacters = 1_024
const credentialHeaders = ['authorization', ...otherCredentialHeaders]

export interface Offer {
  ticket: string
  origin: string
}

export const isWebSocket = ({ headers }: IncomingMessage) => headers.upgrade?.trim().toLowerCase() === 'websocket'

/** What the client offers; throws with the reason when the socket must not be opened, before the ticket is spent. */
export function readOffer(request: IncomingMessage, allowedOrigins: readonly string[]): Offer {
  const url = request.url ?? ''
  if (url !== path && !url.startsWith(`${path}?`)) throw new NitroError('not_found', 'There is no WebSocket here')
  if (url !== path) {
    throw new NitroError('bad_request', 'The address takes no query: the ticket belongs in Sec-WebSocket-Protocol')
  }
  if (request.method !== 'GET' || !isWebSocket(request)) {
    throw new NitroError('bad_request', 'This address speaks WebSocket only')
  }
  const { origin } = request.headers
  // Absent and "null" are refused as well: a page that hides where it comes from is no page of ours.
  if (origin === undefined || !allowedOrigins.includes(origin)) {
    throw new NitroError('forbidden', 'This origin may not open a WebSocket here')
  }
  if (credentialHeaders.some((name) => request.headers[name] !== undefined)) {
    throw new NitroError('bad_request', 'Send one credential only: the ticket in Sec-WebSocket-Protocol')
  }
  return { origin, ticket: readTicket(request.headers['sec-websocket-protocol'] ?? '') }
}

function readTicket(offer: string): string {
  if (offer.length > offerCharacters) throw new NitroError('bad_request', 'Sec-WebSocket-Protocol is too long')
  const protocols = offer.split(',').map((protocol) => protocol.trim())
  const tickets = protocols.filter((protocol) => protocol.startsWith('t.'))
  if (tickets.length > 1) throw new NitroError('bad_request', 'Offer one ticket')
  const ticket = tickets[0]?.slice('t.'.length)
  if (!ticket) throw new NitroError('unauthenticated', 'Offer a ticket: Sec-WebSocket-Protocol: nitro.v1, t.<ticket>')
  if (!protocols.includes(liveProtocol)) {
    throw new NitroError('bad_request', `Offer the protocol ${liveProtocol} beside the ticket`)
  }
  return ticket
}

/** There is no response object for an upgrade: the answer is written by hand, and the connection ends with it. */
export function refuseUpgrade(socket: Duplex, error: NitroError, requestId: string): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify({ error: { code: error.code, message: error.message, requestId } })
  socket.once('finish', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      'Connection: close',
      'Content-Type: application/json',
      'Cache-Control: no-store',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${Math.ceil(error.retryAfterSeconds)}`]),
      '',
      body,
    ].join('\r\n'),
  )
}
