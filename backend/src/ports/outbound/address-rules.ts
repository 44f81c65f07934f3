import ipaddr from 'ipaddr.js'
import { NitroError } from '@nitroagi/shared/errors'

/** An address of the web, read once: what is decided here is what is spoken to. */
export interface Target {
  url: URL
  /** Without brackets. */
  hostname: string
  port: number
  /** The host itself when it is an address and no name. */
  literal: string | undefined
  /** Named by the operator, so that it may be inside. */
  isAllowedInside: boolean
}

const ports = new Set([80, 443])
/** All of the IPv6 internet is in here; ranges that are handed out later or for other things are not. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Public by its number, and answered by the platform's own services to machines inside alone. */
const platformOfAzure = '168.63.129.16'

/** Throws `address_refused`. Of a name it says nothing yet: that is decided by what the name stands for. */
export function targetOf(text: string, allowedPrivateHosts: ReadonlySet<string>): Target {
  const url = URL.parse(text)
  if (!url) throw refused('This is not the address of a web page')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused('Only addresses that begin with http:// or https:// can be fetched')
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('An address with a user name or password in it is not fetched')
  }
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)
  const isAllowedInside = allowedPrivateHosts.has(`${url.hostname}:${port}`)
  if (!isAllowedInside && !ports.has(port)) throw refused('Only the ports 80 and 443 are fetched from')
  const hostname = url.hostname.replace(/[[\]]/g, '')
  const literal = ipaddr.isValid(hostname) ? hostname : undefined
  if (literal !== undefined && !isAllowedInside && !isPublicAddress(literal)) throw notPublic()
  return { url, hostname, port, literal, isAllowedInside }
}

/** Whether it is the address of one machine on the public internet. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  if (address instanceof ipaddr.IPv6) {
    if (address.isIPv4MappedAddress()) return isPublicAddress(address.toIPv4Address().toString())
    // ipaddr.js takes ::127.0.0.1 and all that nobody has been given for unicast.
    return address.range() === 'unicast' && address.match(globalUnicast) && !isIsatap(address)
  }
  return address.range() === 'unicast' && address.toString() !== platformOfAzure
}

/** An address of version 4 goes along in it, which need not be a public one. */
const isIsatap = ({ parts }: ipaddr.IPv6) => (parts[4]! & ~0x0200) === 0 && parts[5] === 0x5efe

export const notPublic = () =>
  refused(
    'This address is not on the public internet, so it is not fetched. Whoever runs this installation can allow a host by name with NITRO_ALLOWED_PRIVATE_HOSTS.',
  )

const refused = (message: string) => new NitroError('address_refused', message)
