import { NitroError } from '@nitroagi/shared/errors'

const typeOfReal = 700
const headerBytes = { empty: 12, whole: 20 }

/**
 * Vectors behind one another as a `real[]`, in the bytes in which PostgreSQL sends arrays itself. Written out as text they
 * would take most of the time that storing a passage does, here and there.
 */
export interface VectorArray {
  bytes: Buffer
  /** Numbers in each of them. */
  dimensions: number
}

/** As numbers, or as the database wrote them once before. */
export function vectorArray(given: readonly (readonly number[] | string)[]): VectorArray {
  const vectors = given.map((one) => (typeof one === 'string' ? (JSON.parse(one) as number[]) : one))
  const dimensions = vectors[0]?.length ?? 0
  if (vectors.some(({ length }) => length !== dimensions)) {
    throw new NitroError('model_failed', 'The embedding model made vectors of different lengths')
  }
  const count = vectors.length * dimensions
  const bytes = Buffer.alloc(count === 0 ? headerBytes.empty : headerBytes.whole + 8 * count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  // How many directions it has, whether anything in it is null, what it is of; then its length and where it begins.
  view.setInt32(0, count === 0 ? 0 : 1)
  view.setInt32(8, typeOfReal)
  if (count === 0) return { bytes, dimensions }
  view.setInt32(12, count)
  view.setInt32(16, 1)
  let at = headerBytes.whole
  for (const vector of vectors) {
    for (const value of vector) {
      view.setInt32(at, 4)
      view.setFloat32(at + 4, value)
      at += 8
    }
  }
  return { bytes, dimensions }
}

/** The vector of the row `at`, from 1, of what `vectorArray` made. */
export const vectorAt = (bytes: string, dimensions: string, at: string) =>
  `(${bytes}::real[])[(${at} - 1) * ${dimensions}::int + 1 : ${at} * ${dimensions}::int]::vector`
