import { describe, expect, it } from 'vitest'
import { openPool, type PoolOptions } from './pool.ts'
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

/** A driver that writes down what it is told on which connection, and fails where the test wants it. */
function fakePool(fails: Record<string, Error> = {}) {
  const told: string[] = []
  const listeners: ((error: Error) => void)[] = []
  let connections = 0
  const query =
    (on: string) =>
    async (asked: string | { name?: string; text: string; values: unknown[] }, params: unknown[] = []) => {
      const { name, text } = typeof asked === 'string' ? { text: asked } : asked
      const values = typeof asked === 'string' ? params : asked.values
      told.push([on, ...(name ? [`as ${name}`] : []), text, ...values].join(' | '))
      const failure = fails[text] ?? (name === undefined ? undefined : fails[`as ${name}`])
      if (failure) throw failure
      return { rows: [{ from: on }] }
    }
  const driver = {
    on: (_: string, listener: (error: Error) => void) => listeners.push(listener),
    query: query('pool'),
    async connect() {
      const on = `connection ${++connections}`
      return { query: query(on), release: (broken?: boolean | Error) => told.push(`${on} released ${broken ?? false}`) }
    },
    end: async () => void told.push('ended'),
  }
  const prisma = {
    $disconnect: async () => void told.push('prisma disconnected'),
    $queryRaw: (_: TemplateStringsArray, ...values: string[]) => `prisma as ${values.join(' of ')}`,
    $transaction: async ([role, asked]: string[]) => (told.push(role!), [role, asked]),
  }
  const open = (options: Partial<PoolOptions> = {}) =>
    openPool('postgres', driver as never, prisma as never, { url: 'postgresql://db.test/nitro', ...options })
  return { told, listeners, open }
}

const workspaceId = '01890a5d-ac96-774b-bcce-b302099a8057'
const begunAsSystem = 'BEGIN; SET LOCAL ROLE nitro_system'
const begunAsApp = `BEGIN; SET LOCAL ROLE nitro_app; SET LOCAL app.workspace = '${workspaceId}'`
const sqlFailure = (code: string) => Object.assign(new Error(code), { code })

describe('what a pool is asked', () => {
  it('is asked as one role, in a transaction of its own, on a connection that goes back as it came', async () => {
    const { told, open } = fakePool()
    const connection = open()
    expect(await connection.tenant({ workspaceId }).query('SELECT 1')).toEqual([{ from: 'connection 1' }])
    expect(await connection.system.prepared('one', 'SELECT $1', [1])).toEqual([{ from: 'connection 2' }])
    expect(told).toEqual([
      `connection 1 | ${begunAsApp}`,
      'connection 1 | SELECT 1',
      'connection 1 | COMMIT',
      'connection 1 released false',
      `connection 2 | ${begunAsSystem}`,
      'connection 2 | as one | SELECT $1 | 1',
      'connection 2 | COMMIT',
      'connection 2 released false',
    ])
  })

  it('is asked nothing for a workspace that is named by no UUID', async () => {
    const { told, open } = fakePool()
    expect(() => open().tenant({ workspaceId: `${workspaceId}'; RESET ROLE; --` })).toThrow('named by a UUID')
    expect(told).toEqual([])
  })

  it.each([
    ['when the role could not be taken', begunAsApp, true],
    ['when it could not be ended', 'COMMIT', true],
    ['when only the statement failed, which the server takes back', 'SELECT 1', false],
  ])('leaves no connection with an open transaction in the pool: %s', async (_, failing, isBroken) => {
    const { told, open } = fakePool({ [failing]: sqlFailure('XX000') })
    await expect(open().tenant({ workspaceId }).query('SELECT 1')).rejects.toThrow('XX000')
    expect(told.at(-1)).toBe(`connection 1 released ${isBroken}`)
  })

  it('says what went wrong first', async () => {
    const fails = { [begunAsApp]: sqlFailure('28000'), 'SELECT 1': sqlFailure('25P01'), COMMIT: sqlFailure('25P02') }
    await expect(fakePool(fails).open().tenant({ workspaceId }).query('SELECT 1')).rejects.toThrow('28000')
  })

  it('is asked for the whole of a transaction on one connection, as one role', async () => {
    const { told, open } = fakePool()
    const work = async (tx: { query(text: string, params?: unknown[]): Promise<unknown> }) => {
      await tx.query('UPDATE 1')
      return tx.query('UPDATE 2', [])
    }
    expect(await open().tenant({ workspaceId }).transaction(work)).toEqual([{ from: 'connection 1' }])
    expect(told).toEqual([
      ...[begunAsApp, 'UPDATE 1', 'UPDATE 2', 'COMMIT'].map((text) => `connection 1 | ${text}`),
      'connection 1 released false',
    ])
    told.length = 0
    await open().transaction(work)
    expect(told[0]).toBe('connection 2 | BEGIN')
  })

  it('takes all of a transaction back when one thing in it fails, and throws the connection away when it cannot', async () => {
    const changed = new Error('changed our mind')
    const well = fakePool()
    await expect(well.open().system.transaction(() => Promise.reject(changed))).rejects.toBe(changed)
    expect(well.told).toEqual([
      `connection 1 | ${begunAsSystem}`,
      'connection 1 | ROLLBACK',
      'connection 1 released false',
    ])
    const cut = fakePool({ ROLLBACK: new Error('cut') })
    await expect(cut.open().system.transaction(() => Promise.reject(changed))).rejects.toBe(changed)
    expect(cut.told.at(-1)).toBe('connection 1 released Error: cut')
  })

  it('is asked again without a name when a pooler has lost the statement, and by no name from then on', async () => {
    const { told, open } = fakePool({ 'as add': sqlFailure('26000') })
    const connection = open()
    const ask = () => connection.system.prepared('add', 'SELECT 2', ['given'])
    expect(await ask()).toEqual([{ from: 'connection 2' }])
    expect(await ask()).toEqual([{ from: 'connection 3' }])
    expect(told.filter((line) => line.includes('as add'))).toHaveLength(1)
    expect(told.filter((line) => line.endsWith('| SELECT 2 | given'))).toHaveLength(3)
  })

  it('is not asked again when it refused', async () => {
    const { told, open } = fakePool({ 'as add': sqlFailure('42501') })
    const connection = open()
    for (const _ of [1, 2]) await expect(connection.system.prepared('add', 'SELECT 2', [])).rejects.toThrow('42501')
    expect(told.filter((line) => line.includes('as add'))).toHaveLength(2)
  })

  it('is asked by the login role itself for scripts and plain statements', async () => {
    const { told, open } = fakePool()
    const connection = open()
    await connection.script('CREATE TABLE a ()')
    expect(await connection.query('SELECT $1', ['given'])).toEqual([{ from: 'pool' }])
    expect(told[1]).toBe('pool | SELECT $1 | given')
    expect(told[0]).toBe('pool | CREATE TABLE a ()')
    expect(connection.queue).toEqual({ connectionString: 'postgresql://db.test/nitro', max: 4 })
  })
})

describe('a transaction that several share', () => {
  const become = (role: string, of = '') =>
    `connection 1 | SELECT set_config('role', $1, true), set_config('app.workspace', $2, true) | ${role} | ${of}`

  it('takes the role and the workspace anew before each thing that it is asked, on one connection', async () => {
    const { told, open } = fakePool()
    const connection = open()
    const [app, system] = [connection.tenant({ workspaceId }), connection.system]
    const found = await connection.together(async () => {
      await Promise.all([app.query('SELECT 1'), system.prepared('two', 'SELECT 2', ['x']), app.query('SELECT 3', [3])])
      await system.transaction((tx) => tx.query('UPDATE 4'))
      await connection.query('SELECT of the login')
      return connection.together(() => app.prepared('five', 'SELECT 5', []))
    })
    expect(found).toEqual([{ from: 'connection 1' }])
    expect(told).toEqual([
      'connection 1 | BEGIN',
      ...[become('nitro_app', workspaceId), 'connection 1 | SELECT 1'],
      ...[become('nitro_system'), 'connection 1 | SELECT 2 | x'],
      ...[become('nitro_app', workspaceId), 'connection 1 | SELECT 3 | 3'],
      ...[become('nitro_system'), 'connection 1 | UPDATE 4'],
      ...[become('none'), 'connection 1 | SELECT of the login'],
      ...[become('nitro_app', workspaceId), 'connection 1 | SELECT 5'],
      'connection 1 | COMMIT',
      'connection 1 released false',
    ])
    // What comes after it is on its own again.
    told.length = 0
    await app.query('SELECT 6')
    expect(told[0]).toBe(`connection 2 | ${begunAsApp}`)
  })

  it('waits for what nobody waited for, and takes all back when one thing failed', async () => {
    const { told, open } = fakePool({ 'SELECT 1': sqlFailure('22012') })
    const connection = open()
    const failing = connection.together(async () => {
      void connection.system.query('UPDATE 0')
      await connection.system.query('SELECT 1')
    })
    await expect(failing).rejects.toThrow('22012')
    expect(told.slice(-2)).toEqual(['connection 1 | ROLLBACK', 'connection 1 released false'])
    told.length = 0
    await connection.together(async () => void connection.system.query('UPDATE 0'))
    expect(told.slice(-3)).toEqual(['connection 2 | UPDATE 0', 'connection 2 | COMMIT', 'connection 2 released false'])
  })

  it('has nothing of Prisma in it, which has connections of its own', async () => {
    const { told, open } = fakePool()
    const connection = open()
    const alone = (of: { workspaceId: string }) => connection.tenant(of).prisma(() => 'asked' as never)
    expect(await alone({ workspaceId })).toBe('asked')
    expect(told).toEqual([`prisma as nitro_app of ${workspaceId}`])
    const beside = connection.together(async () => connection.system.prisma((all) => all.user.count()))
    await expect(beside).rejects.toThrow('Prisma takes no part')
  })
})

describe('a pool', () => {
  it('tells of a connection that broke while idle, and does not end the process where nobody listens', () => {
    const heard: Error[] = []
    const cut = new Error('cut')
    const telling = fakePool()
    telling.open({ onIdleError: (error) => heard.push(error) })
    telling.listeners[0]!(cut)
    expect(heard).toEqual([cut])
    const silent = fakePool()
    silent.open()
    expect(() => silent.listeners[0]!(cut)).not.toThrow()
  })

  it('ends with Prisma before its connections', async () => {
    const { told, open } = fakePool()
    await open().close()
    expect(told).toEqual(['prisma disconnected', 'ended'])
  })
})
