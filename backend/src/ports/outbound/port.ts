import type { Readable } from 'node:stream'

export interface OutboundRequest {
  signal: AbortSignal
  /** What may come at most, packed or unpacked. */
  maxBytes: number
  accept?: string
  /** Sent to the address that was asked for, and to nobody whom it leads to elsewhere. */
  headers?: Readonly<Record<string, string>>
  /** From the first byte asked for to the last one that came. */
  totalSeconds?: number
}

export interface OutboundResponse {
  /** Where it was found in the end. */
  url: string
  status: number
  /** Lower case, without parameters; null when it says none. */
  mediaType: string | null
  header(name: string): string | null
  /** Unpacked. Ends with `fetch_too_large`, `fetch_timeout` or `fetch_failed` when it does not come whole. */
  body: Readable
  /** Must be called by whoever does not read the body to its end. */
  close(): void
}

/**
 * The one way out to addresses that somebody else chose: web pages, feeds. Only GET, only http and https on their own
 * ports, and only to the public internet: every address that a name stands for must be public, and the one that was
 * checked is the one that is spoken to. Redirects are followed, each checked anew. There are no cookies.
 */
export interface OutboundClient {
  /** Throws `address_refused` before anything is connected to; `fetch_failed` and `fetch_timeout` when nobody answers. */
  open(url: string, request: OutboundRequest): Promise<OutboundResponse>
  /** Throws `address_refused`, or `fetch_failed` when there is no such host; connects to nobody. */
  check(url: string, signal: AbortSignal): Promise<void>
}
