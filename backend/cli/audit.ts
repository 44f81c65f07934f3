import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AuditExportLine, AuditVerification } from '@nitroagi/shared/audit'
import { createAuditVerifier } from '@nitroagi/shared/audit-chain'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Output } from './output.ts'

const path = '/api/v1/audit'
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** The chain of the database, or of a file that was exported, for which no backend is asked. */
export async function verifyAudit(
  openClient: () => Client,
  output: Output,
  { file, noted }: { file?: string; noted?: string },
): Promise<void> {
  if (noted !== undefined && !/^[0-9a-f]{64}$/.test(noted)) {
    throw new CliError('usage', '--noted takes the hash of an entry: 64 hexadecimal digits', 2)
  }
  const verification =
    file === undefined
      ? await openClient().request(`${path}/verification${noted ? `?noted=${noted}` : ''}`, AuditVerification)
      : await verifyFile(file, noted)
  output.result(verification, () => describe(verification, file !== undefined))
  if (!verification.isWhole || verification.hasNoted === false) {
    throw new CliError('audit_broken', 'The audit log is not whole; see above.')
  }
}

async function verifyFile(file: string, noted: string | undefined): Promise<AuditVerification> {
  const verifier = createAuditVerifier(hashOf, { noted })
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1
      if (line.trim() === '') continue
      const parsed = AuditExportLine.safeParse(tryJson(line))
      if (!parsed.success) throw new CliError('usage', `Line ${number} of ${file} is no entry of an audit log`, 2)
      verifier.add(parsed.data)
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError('usage', `${file} cannot be read: ${(error as Error).message}`, 2)
  }
  return verifier.result()
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Into a file, or where the output goes. */
export async function exportAudit(client: Client, output: Output, { file }: { file?: string }): Promise<void> {
  const response = await client.open(`${path}/export`, { headers: { accept: 'application/x-ndjson' } })
  if (!response.body) throw new CliError('internal', 'The backend gave no log')
  const target = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 })
  await pipeline(Readable.fromWeb(response.body), target, { end: file !== undefined })
  if (file !== undefined) output.remark(`Written to ${file}. Check it: npm run -s nitro -- audit verify --file ${file}`)
}

function describe({ isWhole, entries, brokenAt, head, hasNoted }: AuditVerification, isFile: boolean): string {
  const where = isFile ? 'The file' : 'The audit log'
  if (!isWhole) return `${where} is broken at entry ${brokenAt}: it was changed, taken out or put elsewhere.`
  if (hasNoted === false)
    return `${where} has ${entries} entries and none with the hash that was noted: some were cut off.`
  if (entries === 0) return `${where} is empty.`
  return [
    `${where} is whole: ${entries} ${entries === 1 ? 'entry' : 'entries'}, each following from the one before.`,
    `Note the hash of the newest one elsewhere; with --noted it shows later that none was cut off:`,
    head ?? '',
  ].join('\n')
}
