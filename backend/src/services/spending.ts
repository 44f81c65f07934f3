import { NitroError } from '@nitroagi/shared/errors'
import type { Cap, ChangeCaps, MySpending, WorkspaceSpending } from '@nitroagi/shared/spending'
import type { Call } from '../call.ts'
import type { SpendingRepository, StoredCap } from '../ports/database/spending-port.ts'
import type { Audit } from './audit.ts'
import { capsOf, type SpendingMeter } from './spending-meter.ts'

export type Spending = ReturnType<typeof createSpending>

interface Dependencies {
  repository: SpendingRepository
  meter: Pick<SpendingMeter, 'forget' | 'settled' | 'month'>
  audit: Pick<Audit, 'together' | 'record'>
}

const none: Cap = { usd: null, tokens: null }

/** What may be spent in a month, and what was. Caps are for owners and admins to set. */
export function createSpending({ repository, meter, audit }: Dependencies) {
  async function overview(call: Call): Promise<WorkspaceSpending> {
    const { workspaceId } = checkAdmin(call)
    await meter.settled()
    const month = meter.month()
    const [caps, spent] = await Promise.all([repository.caps(call.actor), repository.overview(call, month)])
    const capOf = (kind: StoredCap['kind'], id: string) => onlyCap(caps, kind, id)
    return {
      month,
      workspace: { cap: capOf('workspace', workspaceId) ?? none, spent: spent.workspace },
      memberCap: capOf('member', workspaceId) ?? none,
      members: spent.members.map((member) => ({ ...member, cap: capOf('user', member.userId) })),
      keys: spent.keys.map((key) => ({ ...key, cap: capOf('key', key.keyId) })),
    }
  }

  async function set(call: Call, kind: StoredCap['kind'], subjectId: string, cap: Cap | null): Promise<void> {
    const { workspaceId } = checkAdmin(call)
    await audit.together(async () => {
      const before = onlyCap(await repository.caps(call.actor), kind, subjectId)
      if (!(await repository.setCap(call, kind, subjectId, cap))) {
        throw new NitroError('not_found', kind === 'key' ? 'There is no such API key' : 'There is no such member')
      }
      await audit.record(call, {
        action: 'spending-cap.set',
        targetId: subjectId,
        facts: {
          subject: kind,
          usd: cap?.usd ?? null,
          tokens: cap?.tokens ?? null,
          usdBefore: before?.usd ?? null,
          tokensBefore: before?.tokens ?? null,
        },
      })
    })
    meter.forget(workspaceId)
  }

  return {
    overview,

    async change(call: Call, { workspace, member }: ChangeCaps): Promise<WorkspaceSpending> {
      const { workspaceId } = checkAdmin(call)
      if (workspace) await set(call, 'workspace', workspaceId, workspace)
      if (member) await set(call, 'member', workspaceId, member)
      return overview(call)
    },

    async capMember(call: Call, userId: string, cap: Cap | null): Promise<WorkspaceSpending> {
      await set(call, 'user', userId, cap)
      return overview(call)
    },

    async capKey(call: Call, keyId: string, cap: Cap | null): Promise<WorkspaceSpending> {
      await set(call, 'key', keyId, cap)
      return overview(call)
    },

    /** One's own, by whichever door; the cap is one's own or everybody's. */
    async mine({ actor }: Call): Promise<MySpending> {
      await meter.settled()
      const month = meter.month()
      const caps = (await repository.caps(actor)).filter(({ kind }) => kind === 'user' || kind === 'member')
      const [cap = none] = capsOf(caps, actor)
      const spent = await repository.spent(actor, month, 'user', actor.userId)
      return { month, cap: { usd: cap.usd, tokens: cap.tokens }, spent }
    },
  }
}

function onlyCap(caps: readonly StoredCap[], kind: StoredCap['kind'], subjectId: string): Cap | null {
  const found = caps.find((cap) => cap.kind === kind && cap.subjectId === subjectId)
  return found ? { usd: found.usd, tokens: found.tokens } : null
}

/** The route asks for the scope; this holds for whoever calls the service next. */
function checkAdmin({ actor }: Call): Call['actor'] {
  if (actor.role === 'owner' || actor.role === 'admin') return actor
  throw new NitroError('forbidden', 'What a workspace spends is for its owner and admins to see and to cap')
}
