import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { testCall } from '../../test/test-call.ts'
import type { Call } from '../call.ts'
import { createEncryption, sealedKeyId } from '../identity/encryption.ts'
import type { SealedSecret, SealedSecretsRepository } from '../ports/database/sealed-secrets-port.ts'
import { createStoredSecrets } from './stored-secrets.ts'

const newKey = () => randomBytes(32).toString('base64')
const [current, old, gone] = [newKey(), newKey(), newKey()]
const place = (row: string) => ({ workspaceId: null, table: 'second_factors', row, column: 'secret' })
const sealedBy = (key: string, row: string): SealedSecret => ({
  place: place(row),
  sealed: createEncryption([key]).encrypt(`secret of ${row}`, place(row)),
})

function setUp(rows: SealedSecret[]) {
  const jobs: unknown[][] = []
  const repository: SealedSecretsRepository = {
    tables: ['second_factors'],
    async countByKey() {
      const counts = new Map<string, number>()
      for (const { sealed } of rows) counts.set(sealedKeyId(sealed), (counts.get(sealedKeyId(sealed)) ?? 0) + 1)
      return [...counts].map(([keyId, count]) => ({ keyId, count }))
    },
    outdated: async (_table, keyId, after = '', limit) =>
      rows
        .filter(({ sealed, place: { row } }) => sealedKeyId(sealed) !== keyId && row > after)
        .toSorted((one, other) => (one.place.row < other.place.row ? -1 : 1))
        .slice(0, limit),
    async replace(_table, changes) {
      for (const { secret, by } of changes) {
        const index = rows.findIndex(({ place: { row } }) => row === secret.place.row)
        rows[index] = { ...secret, sealed: by }
      }
      return changes.length
    },
  }
  const encryption = createEncryption([current, old])
  const secrets = createStoredSecrets({
    repository,
    encryption,
    jobs: { send: async (...given) => void jobs.push(given) as never },
  })
  const call = testCall()
  const operator: Call = { ...call, actor: { ...call.actor, via: 'operator' } }
  const reseal = async () => {
    const batches = []
    for await (const batch of secrets.resealBatches(new AbortController().signal)) batches.push(batch)
    return batches
  }
  return { secrets, encryption, jobs, operator, owner: call, reseal }
}

it('says how many secrets each key has sealed, which wait, and which are lost', async () => {
  const { secrets, operator, encryption } = setUp([
    sealedBy(current, 'a'),
    sealedBy(old, 'b'),
    sealedBy(old, 'c'),
    sealedBy(gone, 'd'),
  ])
  const lostId = sealedKeyId(sealedBy(gone, 'd').sealed)
  expect(await secrets.status(operator)).toEqual({
    keys: [
      { id: encryption.currentKeyId, isCurrent: true, isAvailable: true, sealed: 1 },
      { id: encryption.keyIds[1], isCurrent: false, isAvailable: true, sealed: 2 },
      { id: lostId, isCurrent: false, isAvailable: false, sealed: 1 },
    ],
    waiting: 2,
    lost: 1,
  })
  expect(await setUp([]).secrets.status(operator)).toMatchObject({ waiting: 0, lost: 0 })
})

it('seals anew what an older key has sealed, batch after batch, and leaves what cannot be opened', async () => {
  const rows = [
    ...Array.from({ length: 51 }, (_, index) => sealedBy(old, `a${String(index).padStart(2, '0')}`)),
    sealedBy(gone, 'b'),
    sealedBy(current, 'c'),
  ]
  const { reseal, encryption, secrets, operator } = setUp(rows)
  expect(await reseal()).toEqual([
    { resealed: 50, unopened: 0 },
    { resealed: 1, unopened: 1 },
  ])
  expect(encryption.decrypt(rows[50]!.sealed, rows[50]!.place)).toBe('secret of a50')
  expect(await secrets.status(operator)).toMatchObject({ waiting: 0, lost: 1 })
  expect(await reseal()).toEqual([{ resealed: 0, unopened: 1 }])
})

it('stops between two batches when it is told to', async () => {
  const { secrets } = setUp([sealedBy(old, 'a')])
  const batches = secrets.resealBatches(AbortSignal.abort(new Error('stop')))
  await expect(batches.next()).rejects.toThrow('stop')
})

it('is the operator’s alone', async () => {
  const { secrets, operator, owner, jobs } = setUp([])
  await expect(secrets.status(owner)).rejects.toMatchObject({ code: 'not_found' })
  await expect(secrets.reseal(owner)).rejects.toMatchObject({ code: 'not_found' })
  expect(jobs).toEqual([])
  expect(await secrets.reseal(operator)).toMatchObject({ waiting: 0 })
  expect(jobs).toEqual([['reseal-secrets', {}, { key: 'all' }]])
})
