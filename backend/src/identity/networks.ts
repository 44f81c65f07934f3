import { isIPv6 } from 'node:net'

/** One address of version 4; of version 6 the 64 bits that one customer is given, who may use every address in them. */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  // Spelt in full by the URL parser but for one run of zeros.
  const spelt = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(spelt) ?? []
  if (low !== undefined) return new URL(`http://${Number(`0x${high}`) * 65_536 + Number(`0x${low}`)}`).hostname
  const [front = '', back] = spelt.split('::')
  const head = front === '' ? [] : front.split(':')
  const tail = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? 0 : 8 - head.length - tail.length
  return `${[...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':')}::/64`
}
