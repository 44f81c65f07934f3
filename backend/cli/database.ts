import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DatabaseStatus } from '@nitroagi/shared/operator'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { isLocal } from './config.ts'
import type { Output } from './output.ts'
import { asOperator } from './people.ts'

const ownProgram = fileURLToPath(new URL('../src/migrate-main.ts', import.meta.url))

/** Asks the backend; when none runs here, opens the database itself. `openClient` may throw for want of a key. */
export async function careForDatabase(
  openClient: () => Client,
  url: string,
  output: Output,
  action: 'status' | 'migrate',
): Promise<void> {
  const status = await askBackend(openClient, action).catch((error: unknown) => {
    const isDown = error instanceof CliError && ['unreachable', 'unauthenticated'].includes(error.code)
    if (isDown && isLocal(url)) return runOwnProgram(action)
    throw error
  })
  output.result(status, () => describe(status))
  if (status.problems.length > 0) throw new CliError('database_problem', 'The database needs attention; see above.')
}

const askBackend = async (openClient: () => Client, action: 'status' | 'migrate') =>
  asOperator(
    action === 'status'
      ? openClient().request('/api/v1/operator/database', DatabaseStatus)
      : openClient().request('/api/v1/operator/database/migrate', DatabaseStatus, { method: 'POST' }),
  )

function runOwnProgram(action: 'status' | 'migrate'): Promise<DatabaseStatus> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [ownProgram, action, '--json'],
      { maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const parsed = DatabaseStatus.safeParse(tryJson(stdout))
        if (parsed.success) resolve(parsed.data)
        else
          reject(new CliError('database_failed', stderr.trim() || error?.message || 'The database could not be opened'))
      },
    )
  })
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe({ adapter, applied, pending, problems }: DatabaseStatus): string {
  return [
    `Database   ${adapter}, ${applied.length} migrations applied, ${pending.length} pending`,
    ...applied.map(({ name, appliedAt }) => `applied    ${name}  ${appliedAt}`),
    ...pending.map((name) => `pending    ${name}`),
    ...problems.map((problem) => `problem    ${problem}`),
  ].join('\n')
}
