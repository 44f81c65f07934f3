import { expect, it } from 'vitest'
import { browserWords, placeWords } from './browser-words.ts'

const mozilla = 'Mozilla/5.0'

it.each([
  [
    `${mozilla} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36`,
    'Chrome on Windows',
  ],
  [`${mozilla} (Windows NT 10.0) AppleWebKit/537.36 Chrome/144.0 Safari/537.36 Edg/144.0`, 'Edge on Windows'],
  [`${mozilla} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox on Linux'],
  [
    `${mozilla} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15`,
    'Safari on macOS',
  ],
  [
    `${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/144.0 Mobile/15E148 Safari/604.1`,
    'Chrome on iPhone',
  ],
  [`${mozilla} (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/144.0 Mobile Safari/537.36`, 'Chrome on Android'],
  ['curl/8.5.0', 'An unknown program'],
  [null, 'An unknown program'],
])('%s', (agent, words) => expect(browserWords(agent)).toBe(words))

it.each([
  ['127.0.0.1', 'from this machine'],
  ['::ffff:127.0.0.1', 'from this machine'],
  ['::1', 'from this machine'],
  ['192.168.1.20', 'from inside the network, 192.168.1.20'],
  ['172.32.0.1', 'from 172.32.0.1'],
  ['203.0.113.9', 'from 203.0.113.9'],
  [null, 'from an unknown address'],
])('%s is shown as “%s”', (address, words) => expect(placeWords(address)).toBe(words))
