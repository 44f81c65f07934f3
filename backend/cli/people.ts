import type { Role, Scope } from '@nitroagi/shared/identity'
import { CreatedOperatorKey, OperatorUser, OperatorUserList, SuspendedUser } from '@nitroagi/shared/operator'
import { Installation } from '@nitroagi/shared/workspaces'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'

export interface NewUser {
  email: string
  password: string
  name?: string
  workspace?: string
  role?: Role
}

export async function createUser(client: Client, output: Output, user: NewUser): Promise<void> {
  const created = await asOperator(
    client.request('/api/v1/operator/users', OperatorUser, { method: 'POST', body: user }),
  )
  output.result(created, () => `${created.email} is ${created.role} of the workspace "${created.workspaceName}".`)
}

export async function listUsers(client: Client, output: Output): Promise<void> {
  const users = await asOperator(client.request('/api/v1/operator/users', OperatorUserList))
  output.result(users, () =>
    table(
      ['EMAIL', 'ROLE', 'WORKSPACE', 'SINCE'],
      users.items.map(({ email, role, workspaceName, createdAt }) => [
        email,
        role,
        workspaceName,
        createdAt.slice(0, 10),
      ]),
    ),
  )
}

export async function suspendUser(
  client: Client,
  output: Output,
  wanted: { email: string; suspended: boolean },
): Promise<void> {
  const path = '/api/v1/operator/users/suspend'
  const done = await asOperator(client.request(path, SuspendedUser, { method: 'POST', body: wanted }))
  output.result(done, () => `${done.email} ${done.suspended ? 'is suspended everywhere' : 'may sign in again'}.`)
}

/** Without a mode it says what holds. */
export async function careForRegistration(
  client: Client,
  output: Output,
  registration?: Installation['registration'],
): Promise<void> {
  const change = registration === undefined ? {} : { method: 'PUT' as const, body: { registration } }
  const now = await asOperator(client.request('/api/v1/operator/installation', Installation, change))
  const words = { open: 'Everybody may make an account.', invitation: 'New accounts are by invitation.' }
  output.result(now, () => words[now.registration])
}

export async function createKey(
  client: Client,
  output: Output,
  key: { email: string; name: string; scopes?: Scope[] },
): Promise<void> {
  const created = await asOperator(
    client.request('/api/v1/operator/keys', CreatedOperatorKey, { method: 'POST', body: key }),
  )
  output.result(created, () => {
    output.remark('This is shown only now; keep it like a password.')
    return created.key
  })
}

// To anyone but the operator these addresses do not exist, and the backend says no more than that.
export async function asOperator<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CliError && error.message === 'There is nothing at this address') {
      throw new CliError(
        'forbidden',
        'This needs the operator key; an API key is not enough. Leave out --key and NITRO_API_KEY.',
      )
    }
    throw error
  }
}
