import { describe, expect, it } from 'vitest'
import { hugePictureHeader, plainPicture } from '../../test/pictures.ts'
import { identifyAttachment } from './attachment-type.ts'
import { bytesInMemory } from './byte-source.ts'

const base64 = (text: string) => Buffer.from(text, 'base64')

/** 30 by 20 pixels each, as libjpeg, libwebp and giflib write them. */
const jpeg = base64(
  `/9j/2wBDAP${'/'.repeat(86)}2wBDAf${'/'.repeat(86)}wAARCAAUAB4DASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAAAAAAAA/9k=`,
)
const webp = base64('UklGRjAAAABXRUJQVlA4ICQAAADwAgCdASoeABQAP83m8HA/uLSrKAgD8DmJaQAAPpTQAABEcAA=')
const losslessWebp = base64('UklGRh4AAABXRUJQVlA4TBEAAAAvHcAEAAdQwAIWsP+BiOh/AAA=')
const transparentWebp = base64(
  'UklGRlYAAABXRUJQVlA4WAoAAAAQAAAAHQAAEwAAQUxQSAoAAAABB1DAiAhERP8DVlA4ICYAAADQAgCdASoeABQAP83i624/tzEqKAgD8DmJaQAAPaOgAP7pZBwAAA==',
)
const gif = base64('R0lGODlhHgAUAIAAAExpcYCAgCH5BAUAAAAALAAAAAAeABQAAAIXjI+py+0Po5y02ouz3rz7D4biSJZmUgAAOw==')

/** A photograph's own data before the picture: 40 segments of 64 KB, as some cameras write. */
const jpegOfACamera = Buffer.concat([
  jpeg.subarray(0, 2),
  ...Array.from({ length: 40 }, () => Buffer.concat([Buffer.from('ffe1ffff', 'hex'), Buffer.alloc(65_533, 0xff)])),
  jpeg.subarray(2),
])

const wav = Buffer.concat([
  Buffer.from('RIFF'),
  Buffer.from('2c000000', 'hex'),
  Buffer.from('WAVEfmt '),
  Buffer.from('10000000010001004400000088000000020010006461746108000000', 'hex'),
  Buffer.alloc(8),
])
const webm = (codec: string) =>
  Buffer.concat([
    Buffer.from(
      '1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701ffffffffffffff',
      'hex',
    ),
    Buffer.from(`\u0086\u0086${codec}`, 'latin1'),
    Buffer.alloc(50),
  ])
const mp4 = (brand: string, handler: string) =>
  Buffer.concat([
    Buffer.from('00000018', 'hex'),
    Buffer.from(`ftyp${brand}\0\0\0\0${brand}mp42`),
    Buffer.from('00000020', 'hex'),
    Buffer.from(`moov\0\0\0\u0018hdlr\0\0\0\0\0\0\0\0${handler}`),
    Buffer.alloc(40),
  ])
const ogg = Buffer.concat([
  Buffer.from('OggS'),
  Buffer.from('000200000000000000000000000000000000000000000113', 'hex'),
  Buffer.from('OpusHead'),
  Buffer.alloc(40),
])
const mp3 = Buffer.concat([Buffer.from('fffb9064', 'hex'), Buffer.alloc(800)])

const identify = (bytes: Buffer) => identifyAttachment(bytesInMemory(bytes))

describe('an attachment is known by its bytes', () => {
  it.each([
    ['a JPEG', jpeg, 'image/jpeg'],
    ['a JPEG with 2.5 MB of a camera’s own data', jpegOfACamera, 'image/jpeg'],
    ['a WebP', webp, 'image/webp'],
    ['a lossless WebP', losslessWebp, 'image/webp'],
    ['a WebP with transparency', transparentWebp, 'image/webp'],
    ['a GIF', gif, 'image/gif'],
    ['a PNG', plainPicture(30, 20), 'image/png'],
  ])('%s, with its size', async (_, bytes, mediaType) => {
    expect(await identify(bytes)).toEqual({ mediaType, width: 30, height: 20 })
  })

  it.each([
    ['an MP3', mp3, 'audio/mpeg'],
    ['a WAV', wav, 'audio/wav'],
    ['a recording of Chrome', webm('A_OPUS'), 'audio/webm'],
    [
      'a recording whose sound happens to look like the name of a film’s codec',
      Buffer.concat([webm('A_OPUS'), Buffer.from('1f43b675', 'hex'), Buffer.from('..V_VP9..V_..')]),
      'audio/webm',
    ],
    ['a recording of Safari', mp4('isom', 'soun'), 'audio/mp4'],
    ['an M4A', mp4('M4A ', 'soun'), 'audio/mp4'],
    ['a voice message', ogg, 'audio/ogg'],
  ])('%s', async (_, bytes, mediaType) => {
    expect(await identify(bytes)).toEqual({ mediaType, width: null, height: null })
  })

  it.each([
    ['a film in WebM', Buffer.concat([webm('V_VP9'), Buffer.from('A_OPUS')])],
    ['a film in MP4', mp4('isom', 'vide')],
    ['a TIFF', Buffer.concat([Buffer.from('49492a0008000000', 'hex'), Buffer.alloc(100)])],
    ['an archive', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(100)])],
  ])('%s is not taken', async (_, bytes) => {
    await expect(identify(bytes)).rejects.toMatchObject({ code: 'unsupported_media_type' })
  })

  it('is refused when its pixels would fill the memory, in words', async () => {
    await expect(identify(hugePictureHeader(30_000, 30_000))).rejects.toThrow(
      'This picture has 30,000 × 30,000 pixels; at most 50 million are taken. Make it smaller.',
    )
    expect(await identify(hugePictureHeader(10_000, 5_000))).toMatchObject({ width: 10_000 })
  })

  it.each([jpeg, webp, losslessWebp, transparentWebp, gif, plainPicture(30, 20)].map((bytes) => [bytes]))(
    'is refused, whatever byte of its header is cut or changed, or is still a picture of some size',
    async (bytes) => {
      for (let at = 0; at < Math.min(bytes.length, 60); at++) {
        for (const other of [bytes.subarray(0, at), Buffer.from(bytes).fill(0xff, at, at + 1)]) {
          const found = await identify(other).catch((error: { code?: string }) => error.code)
          if (typeof found === 'string') expect(['invalid_input', 'unsupported_media_type']).toContain(found)
          else expect(found?.width).toBeGreaterThan(0)
        }
      }
    },
  )
})
