import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dropPrepared, preparedFolder } from './prepared-databases.ts'

/** What the tests of one run prepare once for all of them has a place from here, and is gone at the end. */
export default async function prepareRun() {
  await clearAbandoned()
  const id = `${process.pid}_${randomUUID().replaceAll('-', '')}`
  // Inherited by the processes that tests run in.
  process.env['NITRO_TEST_RUN'] = id
  await mkdir(preparedFolder(id))
  return () => clear(id)
}

/** A run that was killed could not clean up. */
async function clearAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, id, pid] = /^nitro-run-((\d+)_[0-9a-f]{32})$/.exec(name) ?? []
    if (id !== undefined && !isAlive(Number(pid))) await clear(id)
  }
}

async function clear(id: string): Promise<void> {
  await dropPrepared(id)
  await rm(preparedFolder(id), { recursive: true, force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
