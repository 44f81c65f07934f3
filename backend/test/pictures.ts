import { crc32, deflateSync, inflateRawSync } from 'node:zlib'

/** Pictures for tests, made here: a page with these lines of text, black on white, as a PNG. */
export function pictureOfText(lines: readonly string[], { scale = 1, margin = 30 } = {}): Buffer {
  const columns = Math.max(1, ...lines.map((line) => line.length))
  const width = (columns * glyphWidth + 2 * margin) * scale
  const height = (lines.length * lineHeight + 2 * margin) * scale
  const pixels = Buffer.alloc(width * height, 255)
  lines.forEach((line, row) => {
    ;[...line].forEach((character, column) => {
      const glyph = characters.indexOf(character)
      if (glyph < 0) throw new Error(`No glyph for ${character}`)
      for (let y = 0; y < glyphHeight * scale; y++) {
        for (let x = 0; x < glyphWidth * scale; x++) {
          if (!isInk(glyph, Math.floor(x / scale), Math.floor(y / scale))) continue
          pixels[((margin + row * lineHeight) * scale + y) * width + (margin + column * glyphWidth) * scale + x] = 0
        }
      }
    })
  })
  return encodePng(width, height, pixels)
}

/** A picture of one grey, without anything on it. */
export const plainPicture = (width: number, height: number, grey = 255): Buffer =>
  encodePng(width, height, Buffer.alloc(width * height, grey))

/** A PNG that says in a hundred bytes that it is this large, and has no pixels behind it. */
export const hugePictureHeader = (width: number, height: number): Buffer =>
  Buffer.concat([signature, headerChunk(width, height), chunk('IDAT', deflateSync(Buffer.alloc(10))), end])

export function encodePng(width: number, height: number, grey: Buffer): Buffer {
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) grey.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width)
  return Buffer.concat([signature, headerChunk(width, height), chunk('IDAT', deflateSync(rows)), end])
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex')

function headerChunk(width: number, height: number): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data.set([8, 0, 0, 0, 0], 8)
  return chunk('IHDR', data)
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

const end = chunk('IEND', Buffer.alloc(0))

const glyphWidth = 22
const glyphHeight = 40
const lineHeight = 56
const glyphBytes = (glyphWidth * glyphHeight) / 8
const characters = ` ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;!?%$()/-'"#@+=`

function isInk(glyph: number, x: number, y: number): boolean {
  const bit = y * glyphWidth + x
  return (glyphs[glyph * glyphBytes + (bit >> 3)]! & (128 >> (bit & 7))) !== 0
}

/** DejaVu Sans Mono, one bit a pixel. */
const glyphs = inflateRawSync(
  Buffer.from(
    'xVo/b9zIFX/jZ3iuEDhXqqBJ5xsIuCJjgDG/ioIAd13AwEUYRPCOs4D3isRqY+CSfI0rrhjdAlET2O0VRjILFersEa4QD2H4ojck94+0jsiVjQ' +
      'wE6YnizvD9/70fBfD/W2hBGXgGogJZwEML54DfQKShcGJupIQsBlfgcxehmTSCakk+E9ZJNEkCuoCFRTv4tIkT5CS5WJpCCRtLKGJhWSwl2bSB' +
      'Sc0ieL4qn9tEQhkLx2ImyaUEEz9CtxrSGshLYzMAB9JADFCAuNIZIAPwQf0ghqvSQBR+K++LyiNZbIafRoBkFJksBZ+gLRW4DK1XaGMFRSaslx' +
      'tipsBnaHyCJ16RyWsgM/y0CbW+SABKEEG3pciGYmdtXl2/wadkJzT8tJyAaiQfAWi2JAZDtSI5fvrm2tUt4nC/VZBXgpwSRofn7Z213DRHU0fo' +
      'dWfUNozauPHsN1kPP+2aWzZE8jlZog/f0Ikj/NYIqiS5LuBgGZEDxN6xw09TNeQeaPBBy4RAcEpxTE7cCEvi3CYc1dL4DE+udoCshB8t/hNUBb' +
      'kDsnhuVAJZBr7kG9DyvUlIhjITzo+oJR+MsyEiVYpcPiLhvJzZJ6mpnslFlc78r5P5t7/fW7z7YvbqdfKl/t0Pi7Oz2XGUZLosFg5nJkpAl7Ap' +
      'Dj+tkuhiZYpc2FpiFStX/OLEXkr8R6x0kS3sxSmexmqvyB5bf44nb5UsMmV9jrZWwmfSejXcb9LDxCFZJU0ZiSuXgF8LcM3VfmriaBX2nG9oyw' +
      'hciWdWNqBGVGXuAV6SS6QtlXCJNGUiXCmfs1gkaDlFvKStlasTP7JuyS26Ccd5IQ3s3dYDbCiHV+HcR7XveoBWwmUpUNU1CQU+XjUJiZw4OgPv' +
      'xfAMkBVMKiSXCFOsOll4XOk55dovbJ9+LdeFyeSUu2leDT5MEJ0SpVTvUrmW4uBVyFuL7pq4DiWcxrmTNCYmheU0jaDUwnVB4GM0HASaoY+EOI' +
      'aiYEAUMTZ6zDBJvGXElDJ4ggpGFC404jXIDGIPv7HiFGQMWeEX8/lMvdx7ovUP7vxX01d/jL46ePwX++7n4tu3D+ZFquxRInyXJjoZbkmHU8ZR' +
      'nFlZwlqcWXwZHt3Ck1DyHUPACeBb1q30eGKjNlviCMpyFMITFk+DJZc5dGKlgiTY7LeMMvm0jxYlE3pOjaSKQ15xbR/xU1KVkpuMAV3XVwOqgb' +
      'wGU3b9RYGqBXlFXNpsFoHXaF2K9kjOvPqPTU8H7rzNPik8JAbIvuSeyXhnFfZBNAVfVcJruXAPCZ5Wu6sGqRVcqaDcQ9v2TbGGoPtuysj5vvDF' +
      'KKy8pScfOflvkzfCVVK4GI2P0OiQfoYnDx3qJOvnSjy9ym6j3t1Btxyw4dHAa2nYfF6i6cBejzI7Ne+j85K4DQxFXBaIC3O81A4ZtTHaHgNUdl' +
      '9Hh7daMu4tec5WV69Xx17Neh7JyGp4TMbLmHQJmiISVsv2iA+IgzvA6qy+uNRc1POhHWfUjLPmg/60hv2Y7oYxhWvDIN1azLZ+sIjQ6oQdMDNR' +
      'xvXyPU+wqoLMcw2emkgB36DZqdzmBhbK1MEk4KZdELPqP/9s95Dcu3D5ex6jjveiWOvCLebTWfS/xd1TAD9hTG5Zz0CGHhBOi9FeBy4tniwizr' +
      'e5HYdLbiK+FB42K9229ABY9YCztgdsS5IRtcTmBK6WzxmuFmoD03YgljHXEc65Tqr3cH+TV/HDkdGZx7+5iEx+r8VTakCY7r4mIIn95j5fbuq5' +
      'wmDDWQfVqseVOLWKeJAeszYMLsOwSc3tZSsBBmVkoNldNYTDeEDYt/hs3veAXVcEB3qJwTnfuNsUIuC+WIN2cG7wmx2x8pY6vefgqWlhc1zA4m' +
      'Q+PY6iTOuf7NlX4tU38svi4Z/MsyfgK5w7JUHHd9GtGwY9g3/8K6igRQ+bUwuXIF9CnIHjhAzEqLnDaVoz2RmwXNe3i2BJychcO7gMU4dnvP4k' +
      'xGiIGd2Rm0cgHaSDo6Qn7ni0DhCvZM8kHIsY+oVvIUG7+UjmSTrInbi07IBEOB0mqm5o2y+yC/vjKb4J4jJ2upHLd3O3HMP0XrVbgw03y9Etrs' +
      'Xr+Qg2NG1ZbLuvrrfVsuOWe4sWnUU9WzBbkrPjuNfutM/lhgJh14kRNcMM4bty1Y9WXD4RSjW7qjujOHPGLp5RbA7iO4g8fGHFG4gyOPBibhmB' +
      'sMMeMKEBRFNqFFU32fTButWB6rE3aiEZSSaZhGLYDldrDcVAcg8qdWzzZhQ/icyGCrLKQM8rt8Y6dhHZ/NhUEbrsBqfAJI3Gs8ApjJioiJBqRf' +
      '1A0b920Ks3Ef5a1Gy8pGinruFMr4eJx/PAoXU8V4Ad4EpxaflNSAXetxBlnTphWkrOryrBKN2UY1btPPAKUYiFMOgqXBJbqfA1UiF/sjiD5TTE' +
      'QYvHhmlpB5967YJB7nCa66qyh+XAHAJ6f/RWG/Dpk+s25LTddNudG9yFC7rKAOJ3P3trdbLPs2X13Qoed5y7XUgDK+bmwQPY34fDQyYIv3ugXK' +
      'WUER5SQGez1Foy+CJQiAfixGJo5i35Nmw9AjBwD+AznknThknkrx/Fj6Aw4nuQX4N6xEPxxPH33MAx3IvhswJ+ZmEm/pDJfzHTq3y7w3KzD09r' +
      'neHX3LzZ4dxNyFqubuj/sPbbrVRQe1fYYbn1gAlbwhrNsnzo24BJHxobVamvt+UGpFrdEneoaK1a649XOwg67HK3dXc+ddRUHxDpmcGXHTjtxU' +
      '+1ojj8v4HBiOeKwuXkieZETI684Mdp/2UhQaJjanAG0T4cuJa0jw/gl6PtkBskkzJhJkFrOHRihpdxWh9eXEynf4/lfhEvzNMXohUP3cX8zamk' +
      'PfVn3UewBWmZH5DjfHvThZKalKqc3B2m+QHAlqoJuQ0MMwsHj9nkvw==',
    'base64',
  ),
)
