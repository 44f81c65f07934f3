import { describe, expect, it } from 'vitest'
import { isPublicAddress, targetOf } from './address-rules.ts'

const nobody = new Set<string>()
const refusal = (text: string, allowed: ReadonlySet<string> = nobody): string | undefined => {
  try {
    targetOf(text, allowed)
    return undefined
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return code === 'address_refused' ? message : `not refused: ${message}`
  }
}

describe('an address that is taken', () => {
  it.each([
    ['http://example.com', 'example.com', 80, undefined],
    ['https://example.com/a?b=c#d', 'example.com', 443, undefined],
    ['https://example.com:443/', 'example.com', 443, undefined],
    ['https://example.com:80/', 'example.com', 80, undefined],
    ['http://example.com:443/', 'example.com', 443, undefined],
    ['HTTP://93.184.215.14/', '93.184.215.14', 80, '93.184.215.14'],
    ['https://[2606:4700::6810:84e5]/', '2606:4700::6810:84e5', 443, '2606:4700::6810:84e5'],
    // What it stands for is looked at later.
    ['http://localhost/', 'localhost', 80, undefined],
  ])('%s', (text, hostname, port, literal) => {
    expect(targetOf(text, nobody)).toMatchObject({ hostname, port, literal, isAllowedInside: false })
  })

  it('inside is the host and the port that the operator named, and no other', () => {
    const allowed = new Set(['10.0.0.7:8080', '[::1]:80', 'wiki.internal:9000'])
    expect(targetOf('http://10.0.0.7:8080/', allowed)).toMatchObject({ isAllowedInside: true, literal: '10.0.0.7' })
    expect(targetOf('http://[::1]/', allowed)).toMatchObject({ isAllowedInside: true, hostname: '::1' })
    expect(targetOf('http://wiki.internal:9000/', allowed)).toMatchObject({ isAllowedInside: true, port: 9000 })
    for (const text of [
      'http://10.0.0.7/',
      'http://10.0.0.7:80/',
      'http://10.0.0.8:8080/',
      'http://[::1]:443/',
      'http://wiki.internal:9001/',
      'http://x.wiki.internal:9000/',
    ])
      expect([text, typeof refusal(text, allowed)]).toEqual([text, 'string'])
  })
})

it.each([
  ['', 'not the address of a web page'],
  ['example.com', 'not the address of a web page'],
  ['ftp://example.com/', 'http:// or https://'],
  ['file:///etc/passwd', 'http:// or https://'],
  ['ws://example.com/', 'http:// or https://'],
  ['javascript:alert(1)', 'http:// or https://'],
  ['http://user@example.com/', 'user name or password'],
  ['http://:word@example.com/', 'user name or password'],
  ['https://user:word@example.com/', 'user name or password'],
  ['http://example.com:8080/', 'Only the ports 80 and 443'],
  ['https://example.com:22/', 'Only the ports 80 and 443'],
  ['http://93.184.215.14:0/', 'Only the ports 80 and 443'],
  ['http://127.0.0.1/', 'not on the public internet'],
  ['https://[::1]/', 'not on the public internet'],
  ['http://0x7f.1/', 'not on the public internet'],
])('%j is refused, and it is said why', (text, why) => {
  expect(refusal(text)).toContain(why)
})

describe('of the public internet', () => {
  it.each([
    '1.1.1.1',
    '93.184.215.14',
    '168.63.129.15',
    '168.63.129.17',
    '172.15.255.255',
    '172.32.0.1',
    '169.253.1.1',
    '::ffff:93.184.215.14',
    '2606:4700::6810:84e5',
    '2a00:1450:4001:80b::200e',
    '2606:4700::5efe:1:5efe:0',
    '2606:4700::1:5efe:102:304',
    '2606:4700:0:0:4000:5efe:102:304',
  ])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    ['nothing at all', ''],
    ['a name', 'example.com'],
    ['this machine', '127.0.0.1'],
    ['no machine', '0.0.0.0'],
    ['one behind a router', '10.0.0.1'],
    ['one behind a router', '172.16.0.1'],
    ['one behind a router', '172.31.255.255'],
    ['one behind a router', '192.168.0.1'],
    ['one of a provider’s own', '100.64.0.1'],
    ['what tells machines of a cloud who they are', '169.254.169.254'],
    ['what answers machines of Azure', '168.63.129.16'],
    ['what answers machines of Azure', '::ffff:168.63.129.16'],
    ['many', '224.0.0.1'],
    ['all', '255.255.255.255'],
    ['this machine', '::1'],
    ['no machine', '::'],
    ['this machine in an old way', '::127.0.0.1'],
    ['one inside in a new way', '::ffff:10.0.0.1'],
    ['one inside behind a translator', '64:ff9b::a00:1'],
    ['one inside through a tunnel', '2002:a00:1::'],
    ['one inside through a tunnel', '2001:0:a00:1::'],
    ['one inside through ISATAP', '2606:4700::5efe:a00:1'],
    ['one inside through ISATAP', '2606:4700::200:5efe:a00:1'],
    ['one of a network’s own', 'fc00::1'],
    ['one on the same wire', 'fe80::1'],
    ['many', 'ff02::1'],
    ['nobody yet', '4000::1'],
    ['an example', '2001:db8::1'],
  ])('is not %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})
