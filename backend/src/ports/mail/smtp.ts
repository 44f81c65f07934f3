import { NitroError } from '@nitroagi/shared/errors'
import type { Letter, Mail } from './port.ts'

export interface SmtpMailOptions {
  /** `smtps://name:password@mail.example.org:465`, or `smtp://…:587`, which goes over to TLS. */
  url: string
  from: string
  timeoutMs?: number
}

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host)

/**
 * Speaks to the one server that the operator named, and so not through the outbound client, which is for addresses of
 * others. Each letter has a connection of its own: they are few, and none is kept open.
 */
export function createSmtpMail({ url, from, timeoutMs = 10_000 }: SmtpMailOptions): Mail {
  const server = new URL(url)
  const isTls = server.protocol === 'smtps:'
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const settings = {
    host,
    port: Number(server.port) || (isTls ? 465 : 587),
    secure: isTls,
    // Neither the password nor the links in the letters cross a network in the clear.
    requireTLS: !isTls && !isLoopback(host),
    auth:
      server.username === ''
        ? undefined
        : { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  // Loaded with the first letter: most backends never write one.
  const open = async () => (await import('nodemailer')).createTransport(settings)
  let transport: ReturnType<typeof open> | undefined

  return {
    isConfigured: true,
    async send({ to, subject, text }: Letter) {
      transport ??= open()
      try {
        const opened = await transport
        // As an object, an address is one address, whatever commas are in it.
        await opened.sendMail({ from, to: { name: '', address: to }, subject, text })
      } catch (error) {
        // What servers answer repeats the address, so only its codes are said.
        throw new NitroError('unavailable', `The mail server did not take the letter (${codesOf(error)})`)
      }
    },
  }
}

function codesOf(error: unknown): string {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown }
  return (
    [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number').join(', ') || 'no code'
  )
}
