import { isIP } from 'node:net'

type Surroundings = {
  /** How many proxies of the operator stand in front, each of which adds whom it speaks for. */
  trustedProxies: number
  /** Vercel's own header is written by Vercel alone. */
  isVercel: boolean
}

/** Where a browser is, as far as somebody said it who can be believed; undefined when nobody did. */
export function visitorAddress(
  headers: Headers,
  socket: string | null,
  { trustedProxies, isVercel }: Surroundings,
): string | undefined {
  if (isVercel) return addressIn(headers.get('x-vercel-forwarded-for'), 1)
  if (trustedProxies === 0) return addressIn(socket, 1)
  // What stands further left, anybody may have written.
  return addressIn(headers.get('x-forwarded-for'), trustedProxies)
}

function addressIn(list: string | null, fromTheRight: number): string | undefined {
  const said = list?.split(',').at(-fromTheRight)?.trim()
  return said !== undefined && isIP(said) !== 0 ? said : undefined
}
