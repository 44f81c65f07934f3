import { expect, it } from 'vitest'
import { openPostgres } from './postgres.ts'

const url = process.env['TEST_DATABASE_URL']

it.skipIf(!url)('answers on behind a pooler that forgets prepared statements (needs TEST_DATABASE_URL)', async () => {
  const connection = await openPostgres({ url: url ?? '', poolSize: 1 })
  try {
    const ask = () => connection.system.prepared('add', 'SELECT $1::int + 1 AS sum', [41])
    expect(await ask()).toEqual([{ sum: 42 }])
    // What another client's server looks like to this connection.
    await connection.query('DEALLOCATE ALL')
    expect(await ask()).toEqual([{ sum: 42 }])
    expect(await ask()).toEqual([{ sum: 42 }])
  } finally {
    await connection.close()
  }
})
