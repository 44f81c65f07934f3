import { ResetLink } from '@nitroagi/shared/operator'
import type { Client } from './client.ts'
import type { Output } from './output.ts'
import { asOperator } from './people.ts'

export async function createResetLink(client: Client, output: Output, email: string): Promise<void> {
  const made = await asOperator(
    client.request('/api/v1/operator/users/reset-link', ResetLink, { method: 'POST', body: { email } }),
  )
  output.result(made, () => {
    output.remark('Good once, within an hour. Whoever has this link has the account, so hand it over in private.')
    return made.link
  })
}
