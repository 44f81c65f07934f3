import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredSecrets } from '@nitroagi/shared/stored-secrets'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { createEncryption, sealedKeyId, type Encryption } from '../src/identity/encryption.ts'
import type { Connection, Sql } from '../src/ports/database/connection.ts'
import { migrate } from '../src/ports/database/migrations.ts'
import { openPglite } from '../src/ports/database/pglite.ts'
import { createSealedSecretsRepository } from '../src/ports/database/sealed-secrets.ts'
import { createStoredSecrets } from '../src/services/stored-secrets.ts'
import { spawnBackend, type BackendProcess } from './backend-process.ts'
import { testCall } from './test-call.ts'
import { eachDatabase } from './test-database.ts'

const newKey = () => randomBytes(32).toString('hex')
const placeOf = (row: string) => ({ workspaceId: null, table: 'second_factors', row, column: 'secret' })

/** People with a second factor; gives what each of them keeps secret. */
async function plant({ query }: Sql, { encrypt }: Encryption, count: number): Promise<Map<string, string>> {
  const secrets = new Map(Array.from({ length: count }, (_, index) => [randomUUID() as string, `secret ${index}`]))
  const sealed = [...secrets].map(([id, secret]) => encrypt(secret, placeOf(id)))
  await query(
    `WITH u AS (INSERT INTO users (id, email) SELECT id, id || '@example.com' FROM unnest($1::uuid[]) AS id)
     INSERT INTO second_factors (user_id, secret) SELECT * FROM unnest($1::uuid[], $2::text[])`,
    [[...secrets.keys()], sealed],
  )
  return secrets
}

const stored = ({ query }: Sql, secrets: Map<string, string>) =>
  query<{ id: string; secret: string }>(
    'SELECT user_id AS id, secret FROM second_factors WHERE user_id = ANY ($1::uuid[])',
    [[...secrets.keys()]],
  )

it('knows every place where the services seal something', () => {
  const folder = join(import.meta.dirname, '../src/services')
  const places = readdirSync(folder)
    .filter((name) => !name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/\btable: '(\w+)',[^}]*\bcolumn: '\w+'/g)])
    .map(([, table]) => table)
  const { tables } = createSealedSecretsRepository({} as Connection)
  expect(new Set(places)).toEqual(new Set(tables))
})

eachDatabase((_, database) => {
  let connection: Connection
  beforeAll(async () => void (connection = await database.open()))
  afterAll(() => connection.close())

  const serviceWith = (...keys: string[]) =>
    createStoredSecrets({
      repository: createSealedSecretsRepository(connection),
      encryption: createEncryption(keys),
      jobs: { send: async () => {} },
    })
  const { signal } = new AbortController()
  const operator = (): Call => ({ ...testCall(), actor: { ...testCall().actor, via: 'operator' } })

  it('seals with the new key what the old one had sealed, and says how far it is', async () => {
    const [old, fresh, gone] = [newKey(), newKey(), newKey()]
    const secrets = await plant(connection, createEncryption([old]), 120)
    const lost = await plant(connection, createEncryption([gone]), 3)
    const service = serviceWith(fresh, old)
    expect(await service.status(operator())).toMatchObject({ waiting: 120, lost: 3 })
    const batches = await Array.fromAsync(service.resealBatches(signal))
    expect(batches.reduce((sum, { resealed }) => sum + resealed, 0)).toBe(120)
    expect(batches.reduce((sum, { unopened }) => sum + unopened, 0)).toBe(3)
    const status = await service.status(operator())
    expect(status).toMatchObject({ waiting: 0, lost: 3 })
    expect(status.keys.map(({ isCurrent, isAvailable, sealed }) => [isCurrent, isAvailable, sealed])).toEqual([
      [true, true, 120],
      [false, true, 0],
      [false, false, 3],
    ])
    const { decrypt } = createEncryption([fresh])
    for (const { id, secret } of await stored(connection, secrets)) {
      expect(decrypt(secret, placeOf(id))).toBe(secrets.get(id))
    }
    expect(await Array.fromAsync(serviceWith(fresh).resealBatches(signal))).toEqual([{ resealed: 0, unopened: 3 }])
    await connection.query('DELETE FROM users WHERE id = ANY ($1::uuid[])', [[...secrets.keys(), ...lost.keys()]])
  })

  it('leaves alone what somebody changed in the middle of it', async () => {
    const [old, fresh] = [newKey(), newKey()]
    const secrets = await plant(connection, createEncryption([old]), 2)
    const [mine = ''] = secrets.keys()
    const repository = createSealedSecretsRepository(connection)
    const read = await repository.outdated('second_factors', createEncryption([fresh]).currentKeyId, undefined, 10)
    await connection.query('UPDATE second_factors SET secret = $2 WHERE user_id = $1', [
      mine,
      createEncryption([fresh]).encrypt('my newer secret', placeOf(mine)),
    ])
    const { encrypt, decrypt } = createEncryption([fresh, old])
    const changes = read.map((secret) => ({ secret, by: encrypt(decrypt(secret.sealed, secret.place), secret.place) }))
    expect(await repository.replace('second_factors', changes)).toBe(1)
    const rows = await stored(connection, secrets)
    expect(decrypt(rows.find(({ id }) => id === mine)!.secret, placeOf(mine))).toBe('my newer secret')
    await connection.query('DELETE FROM users WHERE id = ANY ($1::uuid[])', [[...secrets.keys()]])
  })

  it('is nothing that anybody but the operator finds', async () => {
    await expect(serviceWith(newKey()).status(testCall())).rejects.toMatchObject({ code: 'not_found' })
    await expect(serviceWith(newKey()).reseal(testCall())).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a change of the key that is cut', () => {
  /** So many that it can be cut in its middle. */
  const people = 10_000
  let dataDir: string
  let running: BackendProcess
  beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'nitro-reencryption-'))))
  afterEach(async () => {
    running.kill('SIGKILL')
    await running.ended
    await rm(dataDir, { recursive: true, force: true })
  })

  const open = () => openPglite({ dataDir: join(dataDir, 'database') })
  async function kill(): Promise<void> {
    running.kill('SIGKILL')
    await running.ended
  }
  async function ask(path = '', method = 'GET'): Promise<StoredSecrets> {
    const response = await fetch(`${running.url}/api/v1/operator/secrets${path}`, {
      method,
      headers: { authorization: `Bearer ${running.operatorKey}` },
    })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as StoredSecrets
  }

  it('goes on after kill -9, and every secret can be opened all the time', async () => {
    const [old, fresh] = [newKey(), newKey()]
    const before = await open()
    await migrate(before)
    const secrets = await plant(before, createEncryption([old]), people)
    await before.close()

    const env = { NITRO_SECRET_KEY: `${fresh},${old}` }
    running = await spawnBackend({ dataDir, env })
    let { waiting } = await ask('/reseal', 'POST')
    while (waiting === people) ({ waiting } = await ask())
    await kill()

    const cut = await open()
    const { decrypt, currentKeyId } = createEncryption([fresh, old])
    const rows = await stored(cut, secrets)
    await cut.close()
    for (const { id, secret } of rows) expect(decrypt(secret, placeOf(id))).toBe(secrets.get(id))
    const done = rows.filter(({ secret }) => sealedKeyId(secret) === currentKeyId).length
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(people)

    running = await spawnBackend({ dataDir, env })
    await ask('/reseal', 'POST')
    while ((await ask()).waiting > 0) await sleep(100)
    await kill()

    const after = await open()
    const alone = createEncryption([fresh])
    for (const { id, secret } of await stored(after, secrets)) {
      expect(alone.decrypt(secret, placeOf(id))).toBe(secrets.get(id))
    }
    await after.close()
  }, 300_000)
})
