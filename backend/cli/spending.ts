import { WorkspaceSpending, type Cap, type Spent } from '@nitroagi/shared/spending'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { table, type Output } from './output.ts'

const path = '/api/v1/workspace/spending'

/** In words, because the parser takes null for an option without a value. */
type Amount = number | 'none'

interface Wanted {
  /** Absent: as it is. */
  usd?: Amount
  tokens?: Amount
  workspace?: boolean
  members?: boolean
  user?: string
  apiKey?: string
}

export function addSpending(
  program: Command,
  { client, output }: { client: () => Client; output: () => Output },
): void {
  const spending = program.command('spending').description('what models and providers cost, and what they may')
  spending
    .command('show', { isDefault: true })
    .description('this month: the workspace, its members and their keys')
    .action(() => showSpending(client(), output()))
  spending
    .command('cap')
    .description('set what may be spent in a month; "none" takes a cap away')
    .addOption(new Option('--usd <amount>', 'in US dollars').argParser(parseUsd))
    .addOption(new Option('--tokens <count>', 'in tokens').argParser(parseTokens))
    .option('--workspace', 'all together')
    .option('--members', 'every member without a cap of their own')
    .option('--user <email>', 'one member')
    .option('--api-key <key>', 'one API key: its id, or how it begins')
    .action((wanted: Wanted) => capSpending(client(), output(), wanted))
}

async function showSpending(client: Client, output: Output): Promise<void> {
  const spending = await client.request(path, WorkspaceSpending)
  output.result(spending, () => describe(spending))
}

async function capSpending(client: Client, output: Output, wanted: Wanted): Promise<void> {
  const named = [wanted.workspace, wanted.members, wanted.user, wanted.apiKey].filter((one) => one !== undefined)
  if (named.length !== 1) throw new CliError('usage', 'Name one of --workspace, --members, --user and --api-key.')
  if (wanted.usd === undefined && wanted.tokens === undefined) {
    throw new CliError('usage', 'Say how much: --usd 20, --tokens 1000000, or none.')
  }
  const now = await client.request(path, WorkspaceSpending)
  const { before, where, body } = targetOf(now, wanted)
  const cap: Cap = {
    usd: changed(wanted.usd, before?.usd),
    tokens: changed(wanted.tokens, before?.tokens),
  }
  const after = await client.request(where, WorkspaceSpending, { method: 'PUT', body: body(cap) })
  output.result(after, () => describe(after))
}

const changed = (wanted: Amount | undefined, before: number | null = null): number | null =>
  wanted === 'none' ? null : (wanted ?? before)

/** Whose cap it is, as it is now, and how it is changed. */
function targetOf(now: WorkspaceSpending, { workspace, members, user, apiKey: key }: Wanted) {
  if (workspace) return { before: now.workspace.cap, where: path, body: (cap: Cap) => ({ workspace: cap }) }
  if (members) return { before: now.memberCap, where: path, body: (cap: Cap) => ({ member: cap }) }
  const body = (cap: Cap) => ({ cap: user !== undefined || cap.usd !== null || cap.tokens !== null ? cap : null })
  if (user !== undefined) {
    const member = now.members.find(({ email }) => email === user.toLowerCase())
    if (!member) throw new CliError('not_found', `There is no member with the address ${user}.`)
    return { before: member.cap ?? now.memberCap, where: `${path}/members/${member.userId}`, body }
  }
  const found = now.keys.filter(({ keyId, prefix }) => keyId === key || prefix.startsWith(key!))
  const [first, second] = found
  if (!first) throw new CliError('not_found', `There is no API key that begins with ${key}.`)
  if (second) throw new CliError('usage', `Several API keys begin with ${key}. Write more of it, or its id.`)
  return { before: first.cap, where: `${path}/keys/${first.keyId}`, body }
}

function describe({ month, workspace, memberCap, members, keys }: WorkspaceSpending): string {
  const everybody = isCap(memberCap) ? `\nEvery member may spend ${said(memberCap)}.` : ''
  return [
    `Since ${month} (UTC)${everybody}`,
    table(
      ['', 'SPENT', 'TOKENS', 'UNDER WAY', 'CAP'],
      [
        ['workspace', ...figures(workspace.spent), capOf(workspace.cap)],
        ...members.map(({ email, cap, spent }) => [email, ...figures(spent), cap ? capOf(cap) : 'as every member']),
        ...keys.map(({ name, prefix, cap, spent }) => [`${prefix}… ${name}`, ...figures(spent), capOf(cap)]),
      ],
    ),
  ].join('\n\n')
}

const figures = ({ usd, tokens, reservedUsd, reservedTokens }: Spent): string[] => [
  dollars(usd),
  tokens.toLocaleString('en'),
  reservedTokens > 0 ? `${dollars(reservedUsd)}, ${reservedTokens.toLocaleString('en')} tokens` : '-',
]

/** A cent is a lot of tokens: small amounts have more digits. */
const dollars = (usd: number): string => `$${usd.toFixed(usd > 0 && usd < 1 ? 4 : 2)}`

const isCap = ({ usd, tokens }: Cap): boolean => usd !== null || tokens !== null

const capOf = (cap: Cap | null): string => (cap && isCap(cap) ? said(cap) : 'none')

const said = ({ usd, tokens }: Cap): string =>
  [
    ...(usd === null ? [] : [`$${usd.toFixed(2)}`]),
    ...(tokens === null ? [] : [`${tokens.toLocaleString('en')} tokens`]),
  ].join(' and ')

function parseUsd(text: string): Amount {
  if (text === 'none') return text
  if (/^\d+(\.\d{1,6})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be an amount such as 20 or 0.50, or none.')
}

function parseTokens(text: string): Amount {
  if (text === 'none') return text
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, or none.')
}
