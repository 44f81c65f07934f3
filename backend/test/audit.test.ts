import { createHash, randomUUID } from 'node:crypto'
import { AuditExportLine } from '@nitroagi/shared/audit'
import { createAuditVerifier } from '@nitroagi/shared/audit-chain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../src/call.ts'
import { silentLog, type Log } from '../src/log.ts'
import { createAuditRepository } from '../src/ports/database/audit.ts'
import type { Connection } from '../src/ports/database/connection.ts'
import { createAudit, type Audit } from '../src/services/audit.ts'
import { createPerson } from './test-call.ts'
import { eachDatabase } from './test-database.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

eachDatabase((_, database) => {
  let connection: Connection
  let audit: Audit

  beforeAll(async () => {
    connection = await database.open()
    audit = createAudit({ repository: createAuditRepository(connection), log: silentLog })
  })
  afterAll(() => connection.close())

  const exported = async (call: Call) => (await Array.fromAsync(audit.export(call))).flat()
  const rename = (call: Call) => audit.record(call, { action: 'workspace.rename', targetId: call.actor.workspaceId })

  it('says who did what to what, newest first, page by page', async () => {
    const ada = await createPerson(connection)
    const target = randomUUID()
    await audit.record(ada, { action: 'api-key.create', targetId: target, facts: { scopes: ['read', 'chat'] } })
    await audit.record(ada, { action: 'api-key.revoke', targetId: target })
    await rename(ada)
    const first = await audit.list(ada, { limit: 2 })
    expect(first.items.map(({ sequence, action }) => [sequence, action])).toEqual([
      [3, 'workspace.rename'],
      [2, 'api-key.revoke'],
    ])
    const second = await audit.list(ada, { limit: 2, cursor: first.nextCursor! })
    expect(second).toMatchObject({
      items: [
        {
          sequence: 1,
          action: 'api-key.create',
          actorId: ada.actor.userId,
          via: 'session',
          targetId: target,
          facts: { scopes: 'read chat' },
          requestId: ada.requestId,
        },
      ],
      nextCursor: null,
    })
  })

  it('is narrowed by what was done, by whom and when', async () => {
    const ada = await createPerson(connection)
    const key: Call = { ...ada, actor: { ...ada.actor, userId: randomUUID(), via: 'api-key', keyId: randomUUID() } }
    await audit.record(ada, { action: 'api-key.create' })
    await audit.record(key, { action: 'api-key-limit.set' })
    await rename(ada)
    const actions = async (query: object) =>
      (await audit.list(ada, { limit: 50, ...query })).items.map(({ action }) => action)
    expect(await actions({ action: 'api-key' })).toEqual(['api-key.create'])
    expect(await actions({ action: 'api-key.create' })).toEqual(['api-key.create'])
    expect(await actions({ actorId: key.actor.userId })).toEqual(['api-key-limit.set'])
    const [, limit] = (await audit.list(ada, { limit: 50 })).items
    expect(limit).toMatchObject({ facts: { keyId: key.actor.keyId }, actorName: null, via: 'api-key' })
    expect(await actions({ until: limit!.at })).not.toContain('workspace.rename')
    expect(await actions({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([])
  })

  it('numbers without a gap, however many come at once', async () => {
    const ada = await createPerson(connection)
    await Promise.all(Array.from({ length: 50 }, () => rename(ada)))
    const entries = await exported(ada)
    expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect(await audit.verify(ada)).toEqual({
      isWhole: true,
      entries: 50,
      brokenAt: null,
      head: entries.at(-1)!.hash,
      hasNoted: null,
    })
    expect([...entries].sort((one, other) => (one.at < other.at ? -1 : 1))).toEqual(entries)
  })

  it('keeps the number of an entry that could not be written for the next one', async () => {
    const ada = await createPerson(connection)
    await rename(ada)
    const refused = audit.record({ ...ada, requestId: 'nul \u0000' }, { action: 'workspace.rename' })
    await expect(refused).rejects.toThrow()
    await rename(ada)
    expect((await exported(ada)).map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  it('holds no text that somebody typed, no address and no secret', async () => {
    const ada = await createPerson(connection)
    const warned: unknown[] = []
    const log: Log = { ...silentLog, warn: (event, fields) => void warned.push([event, fields]) }
    const careful = createAudit({ repository: createAuditRepository(connection), log })
    const facts = {
      role: 'canary' as 'owner',
      reason: 'my password is canary',
      kind: 'nk_live_canary',
      provider: 'canary@example.com',
      password: 'canary',
      changed: ['name', 'canary canary'],
      __proto__: { count: 'canary' },
      count: 3,
    }
    await careful.record(ada, { action: 'user.create', targetId: 'canary@example.com', facts })
    const [entry] = (await careful.list(ada, { limit: 1 })).items
    expect(entry).toMatchObject({ targetId: null, facts: { count: 3 } })
    expect(JSON.stringify([entry, warned])).not.toContain('canary')
    expect(warned).toEqual([
      ['audit-facts-refused', { action: 'user.create', refused: 'role reason kind provider unknown changed targetId' }],
    ])
  })

  it('tells every workspace of somebody, and nobody of an unknown address', { timeout: 30_000 }, async () => {
    const ada = await createPerson(connection)
    const bob = await createPerson(connection)
    await connection.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'member')`, [
      bob.actor.workspaceId,
      ada.actor.userId,
    ])
    await audit.recordPerson(ada.actor.userId, { via: 'service' }, { action: 'session.begin' })
    for (const call of [ada, bob]) {
      expect(await exported(call)).toMatchObject([{ action: 'session.begin', actorId: ada.actor.userId }])
    }
    const [{ email } = { email: '' }] = await connection.query<{ email: string }>(
      'SELECT email FROM users WHERE id = $1',
      [ada.actor.userId],
    )
    audit.noteAttempt('nobody@example.com', { via: 'service' }, { action: 'session.refuse' })
    audit.noteAttempt(email, { via: 'service' }, { action: 'session.refuse', facts: { reason: 'password' } })
    await expect.poll(async () => (await exported(bob)).length, { timeout: 20_000 }).toBe(2)
    expect((await exported(bob))[1]).toMatchObject({ actorId: null, targetId: ada.actor.userId })
  })

  it('is for the owner and the admins alone', async () => {
    const ada = await createPerson(connection)
    for (const role of ['editor', 'member', 'viewer'] as const) {
      const call: Call = { ...ada, actor: { ...ada.actor, role } }
      await expect(audit.list(call, { limit: 1 })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(audit.verify(call)).rejects.toMatchObject({ code: 'forbidden' })
      expect(() => audit.export(call)).toThrow('owner and the admins')
    }
    const narrow: Call = { ...ada, actor: { ...ada.actor, scopes: ['read', 'chat', 'knowledge'] } }
    await expect(audit.list(narrow, { limit: 1 })).rejects.toMatchObject({ code: 'forbidden' })
  })

  describe('for whoever has the database', () => {
    it('is neither changed nor removed as the backend, nor by whoever owns it', async () => {
      const ada = await createPerson(connection)
      await rename(ada)
      const where = [ada.actor.workspaceId]
      const update = `UPDATE audit_entries SET action = 'other' WHERE workspace_id = $1`
      const remove = 'DELETE FROM audit_entries WHERE workspace_id = $1'
      for (const scope of [connection.tenant(ada.actor), connection.system]) {
        await expect(scope.query(update, where)).rejects.toThrow('permission denied')
        await expect(scope.query(remove, where)).rejects.toThrow('permission denied')
        await expect(scope.query('TRUNCATE audit_entries')).rejects.toThrow('permission denied')
      }
      for (const statement of [update, remove]) {
        await expect(connection.query(statement, where)).rejects.toThrow('neither changed nor removed')
      }
      await expect(connection.query('TRUNCATE audit_entries')).rejects.toThrow('neither changed nor removed')
      await expect(connection.query('TRUNCATE workspaces CASCADE')).rejects.toThrow('neither changed nor removed')
      expect(await audit.verify(ada)).toMatchObject({ isWhole: true, entries: 1 })
    })

    it('is written by no workspace into the log of another', async () => {
      const [ada, bob] = [await createPerson(connection), await createPerson(connection)]
      const forged = `INSERT INTO audit_entries (workspace_id, sequence, at, via, action, facts, previous_hash, hash)
        VALUES ($1, 1, now(), 'session', 'workspace.rename', '{}', repeat('0', 64), repeat('0', 64))`
      await expect(connection.tenant(ada.actor).query(forged, [bob.actor.workspaceId])).rejects.toThrow(
        'row-level security',
      )
      expect(await exported(bob)).toEqual([])
    })

    it('goes with its workspace, and with no other', async () => {
      const [ada, bob] = [await createPerson(connection), await createPerson(connection)]
      await rename(ada)
      await rename(bob)
      await connection.system.query('DELETE FROM workspaces WHERE id = $1', [ada.actor.workspaceId])
      const left = await connection.system.query(
        'SELECT workspace_id FROM audit_entries WHERE workspace_id = ANY ($1)',
        [[ada.actor.workspaceId, bob.actor.workspaceId]],
      )
      expect(left).toEqual([{ workspace_id: bob.actor.workspaceId }])
    })

    it('stays when the person who did it is gone', async () => {
      const ada = await createPerson(connection)
      const gone: Call = { ...ada, actor: { ...ada.actor, userId: randomUUID() } }
      await rename(gone)
      expect((await audit.list(ada, { limit: 1 })).items).toMatchObject([
        { actorId: gone.actor.userId, actorName: null },
      ])
    })

    it('shows the first entry that was changed, taken out or put elsewhere', async () => {
      const ada = await createPerson(connection)
      for (let count = 1; count <= 6; count++) await audit.record(ada, { action: 'document.delete', facts: { count } })
      const changes: [string, number | null][] = [
        [`UPDATE audit_entries SET facts = '{"count": 7}' WHERE workspace_id = $1 AND sequence = 3`, 3],
        [`UPDATE audit_entries SET at = at - interval '1 hour' WHERE workspace_id = $1 AND sequence = 1`, 1],
        [`UPDATE audit_entries SET actor_id = NULL WHERE workspace_id = $1 AND sequence = 6`, 6],
        [`DELETE FROM audit_entries WHERE workspace_id = $1 AND sequence = 4`, 4],
        [`DELETE FROM audit_entries WHERE workspace_id = $1 AND sequence = 1`, 1],
        [`DELETE FROM audit_entries WHERE workspace_id = $1 AND sequence IN (2, 5)`, 2],
        [
          `UPDATE audit_entries SET sequence = CASE sequence WHEN 2 THEN 50 WHEN 3 THEN 2 ELSE 3 END
           WHERE workspace_id = $1 AND sequence IN (2, 3)`,
          2,
        ],
        // Nothing follows on the last one, so this is seen by whoever noted its hash alone.
        [`DELETE FROM audit_entries WHERE workspace_id = $1 AND sequence = 6`, null],
      ]
      const { head } = await audit.verify(ada)
      for (const [change, brokenAt] of changes) {
        await connection
          .transaction(async (tx) => {
            await tx.query('ALTER TABLE audit_entries DISABLE TRIGGER USER')
            await tx.query(change, [ada.actor.workspaceId])
            const rows = await tx.query<Record<string, unknown>>(
              'SELECT * FROM audit_entries WHERE workspace_id = $1 ORDER BY sequence',
              [ada.actor.workspaceId],
            )
            const verifier = createAuditVerifier(hashOf, { noted: head! })
            rows.map(toLine).forEach(verifier.add)
            expect(verifier.result(), change).toMatchObject({ isWhole: brokenAt === null, brokenAt, hasNoted: false })
            throw new Error('undo')
          })
          .catch((error: Error) => {
            if (error.message !== 'undo') throw error
          })
      }
      expect(await audit.verify(ada, { noted: head! })).toMatchObject({ isWhole: true, entries: 6, hasNoted: true })
    })

    it.each([
      ['the newest one', 'sequence = 6', 6, 5],
      ['the newest ones', 'sequence > 2', 3, 2],
      ['all of them', 'true', 1, 0],
    ])('shows that %s was cut off, though what is left follows', async (_, condition, brokenAt, entries) => {
      const ada = await createPerson(connection)
      for (let count = 1; count <= 6; count++) await rename(ada)
      await connection.transaction(async (tx) => {
        await tx.query('ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay')
        await tx.query(`DELETE FROM audit_entries WHERE workspace_id = $1 AND ${condition}`, [ada.actor.workspaceId])
        await tx.query('ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_stay')
      })
      expect(await audit.verify(ada)).toMatchObject({ isWhole: false, brokenAt, entries })
    })

    it('keeps the number of the newest entry where nobody turns it back', async () => {
      const ada = await createPerson(connection)
      await rename(ada)
      await rename(ada)
      const mine = `WHERE workspace_id = '${ada.actor.workspaceId}'`
      for (const scope of [connection, connection.system, connection.tenant(ada.actor)]) {
        for (const change of ['UPDATE audit_heads SET sequence = 1', 'DELETE FROM audit_heads']) {
          await expect(scope.query(`${change} ${mine}`)).rejects.toThrow(
            /neither changed nor removed|permission denied/,
          )
        }
      }
      await connection.query(`DELETE FROM workspaces WHERE id = $1`, [ada.actor.workspaceId])
      expect(await connection.query(`SELECT FROM audit_heads ${mine}`)).toEqual([])
    })
  })
})

const toLine = (row: Record<string, unknown>): AuditExportLine =>
  AuditExportLine.parse({
    workspaceId: row['workspace_id'],
    sequence: row['sequence'],
    at: (row['at'] as Date).toISOString(),
    actorId: row['actor_id'],
    actorName: null,
    via: row['via'],
    action: row['action'],
    targetId: row['target_id'],
    facts: row['facts'],
    requestId: row['request_id'],
    previousHash: row['previous_hash'],
    hash: row['hash'],
  })
