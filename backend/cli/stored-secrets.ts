import { setTimeout as sleep } from 'node:timers/promises'
import { StoredSecrets } from '@nitroagi/shared/stored-secrets'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'
import { asOperator } from './people.ts'

const path = '/api/v1/operator/secrets'
const pollMs = 500
/** Without a change for so long, nobody is working on it. */
const patienceMs = 120_000

export async function showSecrets(client: Client, output: Output): Promise<void> {
  const status = await asOperator(client.request(path, StoredSecrets))
  output.result(status, () => describe(status))
}

/** Waits until the current key has sealed everything that can be opened. */
export async function rotateSecrets(client: Client, output: Output): Promise<void> {
  let status = await asOperator(client.request(`${path}/reseal`, StoredSecrets, { method: 'POST' }))
  let changedAt = Date.now()
  while (status.waiting > 0) {
    output.remark(`${status.waiting} still to be sealed anew …`, true)
    await sleep(pollMs)
    const now = await asOperator(client.request(path, StoredSecrets))
    if (now.waiting !== status.waiting) changedAt = Date.now()
    else if (Date.now() - changedAt > patienceMs) {
      throw new CliError(
        'secrets_waiting',
        `${now.waiting} are still sealed with an older key. Keep it in NITRO_SECRET_KEY; the log of the backend says more.`,
      )
    }
    status = now
  }
  output.result(status, () => describe(status))
}

function describe({ keys, waiting, lost }: StoredSecrets): string {
  const rows = keys.map(({ id, isCurrent, isAvailable, sealed }) => [
    id,
    isCurrent ? 'seals and opens' : isAvailable ? 'opens' : 'not in NITRO_SECRET_KEY',
    String(sealed),
  ])
  const old = keys.filter(({ isCurrent, isAvailable }) => isAvailable && !isCurrent)
  const advice = [
    ...(lost > 0 ? [`${lost} cannot be opened. Put the key back that sealed them.`] : []),
    ...(waiting > 0 ? [`${waiting} wait to be sealed anew: npm run -s nitro -- secrets rotate`] : []),
    ...(waiting === 0 && old.length > 0
      ? [`Nothing needs ${old.map(({ id }) => id).join(', ')} any more: take it out of NITRO_SECRET_KEY.`]
      : []),
  ]
  return [table(['KEY', 'WHAT IT DOES', 'SECRETS'], rows), ...advice].join('\n\n')
}
