import { afterAll, beforeAll, expect, it } from 'vitest'
import { eachDatabase } from '../../../test/test-database.ts'
import type { Connection } from './connection.ts'
import { vectorArray, vectorAt } from './vector-array.ts'

eachDatabase((_name, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())

  const stored = async (vectors: readonly (readonly number[] | string)[]) => {
    const { bytes, dimensions } = vectorArray(vectors)
    const rows = await connection.query<{ vector: string }>(
      `SELECT ${vectorAt('$1', '$2', 'n.at')}::text AS vector FROM unnest($3::text[]) WITH ORDINALITY AS n (name, at)`,
      [bytes, dimensions, vectors.map((_, index) => `${index}`)],
    )
    return rows.map(({ vector }) => vector)
  }

  it('stores each vector with its own numbers, as exactly as if they were written out', async () => {
    const vectors = [0, 1, 2].map((row) => Array.from({ length: 300 }, (_, at) => Math.sin(row * 300 + at) / 17))
    const written = await connection.query<{ vector: string }>(
      'SELECT text::vector::text AS vector FROM unnest($1::text[]) AS text',
      [vectors.map((vector) => JSON.stringify(vector))],
    )
    expect(await stored(vectors)).toEqual(written.map(({ vector }) => vector))
  })

  it('takes those that the database wrote once before, beside new ones', async () => {
    expect(await stored(['[0.25,-1e-05]', [0.5, 1]])).toEqual(['[0.25,-1e-05]', '[0.5,1]'])
  })

  it('stores none when there are none, and refuses those that are no numbers', async () => {
    expect(await stored([])).toEqual([])
    await expect(stored([[NaN, 1]])).rejects.toThrow('NaN')
    expect(() => vectorArray([[1], [1, 2]])).toThrow('different lengths')
  })
})
