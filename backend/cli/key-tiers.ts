import { ApiKey, type Tier } from '@nitroagi/shared/identity'
import { requestLimits } from '@nitroagi/shared/limits'
import type { Client } from './client.ts'
import type { Output } from './output.ts'
import { asOperator } from './people.ts'

/** `named` is the key's id, or the beginning of it that lists show. */
export async function setKeyTier(client: Client, output: Output, named: string, tier: Tier): Promise<void> {
  const body = { [/^[0-9a-f]{8}-/i.test(named) ? 'id' : 'prefix']: named, tier }
  const path = '/api/v1/operator/keys/tier'
  const key = await asOperator(client.request(path, ApiKey, { method: 'POST', body }))
  output.result(key, () => {
    const { perHour, atOnce } = requestLimits[key.tier]
    return `The key "${key.name}" (${key.prefix}…) is ${key.tier} now: usually ${perHour.toLocaleString('en')} requests an hour, ${atOnce} at once.`
  })
}
