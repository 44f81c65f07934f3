import type { OutboundClient } from './port.ts'

/** Loads what speaks to the outside when somebody fetches something; most backends never do, and it takes some megabytes. */
export function openOutboundClient(options: { allowedPrivateHosts: readonly string[] }): OutboundClient {
  let loaded: Promise<OutboundClient> | undefined
  const client = () =>
    (loaded ??= import('./undici.ts').then(({ createOutboundClient }) => createOutboundClient(options)))
  return {
    open: async (...asked) => (await client()).open(...asked),
    check: async (...asked) => (await client()).check(...asked),
  }
}
