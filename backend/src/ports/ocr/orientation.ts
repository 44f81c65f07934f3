/** How a camera says that it was held, in the order of its bytes: Intel's, or the other one. */
const orders = [
  { begins: Buffer.from('4578696600004949', 'hex'), tag: Buffer.from('1201030001000000', 'hex') },
  { begins: Buffer.from('4578696600004d4d', 'hex'), tag: Buffer.from('0112000300000001', 'hex') },
]

/** Where cameras write it: within the first segments. */
const headBytes = 64 * 1024

/** 1 to 8, as Exif counts; 1 for upright, and for what is no photograph. */
export function orientationOf(picture: Buffer): number {
  if (picture[0] !== 0xff || picture[1] !== 0xd8) return 1
  const head = picture.subarray(0, headBytes)
  for (const { begins, tag } of orders) {
    const from = head.indexOf(begins)
    const at = from < 0 ? -1 : head.indexOf(tag, from)
    if (at < 0) continue
    const value = head[at + 8]! || head[at + 9]!
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/**
 * Tesseract.js looks for it in the first 500 bytes and in one of the two orders only. A comment in front of everything
 * else says it there.
 */
export function withPlainOrientation(picture: Buffer): Buffer {
  const orientation = orientationOf(picture)
  if (orientation === 1) return picture
  const comment = Buffer.from([0xff, 0xfe, 0, 12, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation])
  return Buffer.concat([picture.subarray(0, 2), comment, picture.subarray(2)])
}
