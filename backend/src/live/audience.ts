import { NitroError } from '@nitroagi/shared/errors'
import type { Actor } from '../call.ts'
import type { Log } from '../log.ts'

/** Rights that were looked at this long ago still count. */
const freshMs = 4_000

/**
 * Tells for each actor whether they still have exactly the rights that they came with: not suspended, removed or
 * demoted. Asked for many at once, so that thousands of sockets cost one query.
 */
export type StillAllowed = (actors: readonly Actor[]) => Promise<readonly boolean[]>

/** Everyone who is connected, in groups of the same rights, so that rights are asked once for all their sockets. */
export function createAudience<Member extends { revoke(): void }>({
  stillAllowed,
  log,
}: {
  stillAllowed: StillAllowed
  log: Log
}) {
  const groups = new Map<string, Group<Member>>()
  const socketsOf = new Map<string, number>()
  let size = 0

  async function check(wanted: Group<Member>[]): Promise<void> {
    const checking = stillAllowed(wanted.map((group) => group.actor))
    for (const group of wanted) group.checking = checking
    const askedAt = performance.now()
    try {
      const allowed = await checking
      wanted.forEach((group, index) => {
        if (allowed[index]) group.checkedAt = askedAt
        else {
          group.isRevoked = true
          for (const member of group.members) member.revoke()
        }
      })
    } catch (error) {
      // Nobody is thrown out because the database is away; but nothing is done for them until it is back.
      log.warn('live-rights-unchecked', { error })
      throw error
    } finally {
      for (const group of wanted) group.checking = undefined
    }
  }

  return {
    size: () => size,
    socketsOf: (userId: string) => socketsOf.get(userId) ?? 0,
    members: function* (): Generator<Member> {
      for (const group of groups.values()) yield* group.members
    },

    /** Their rights count as just checked: a ticket was consumed for them. */
    join(actor: Actor, member: Member): Membership {
      const key = [actor.workspaceId, actor.userId, actor.role, actor.via, ...actor.scopes].join(' ')
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { actor, members: new Set(), checkedAt: 0, isRevoked: false }))
      group.checkedAt = performance.now()
      group.members.add(member)
      socketsOf.set(actor.userId, (socketsOf.get(actor.userId) ?? 0) + 1)
      size++
      const joined = group
      return {
        async isAllowed() {
          if (joined.isRevoked) return false
          if (performance.now() - joined.checkedAt > freshMs) {
            await (joined.checking ?? check([joined])).catch(() => {
              throw new NitroError('unavailable', 'Your rights cannot be looked up for now. Try again in a moment.')
            })
          }
          return !joined.isRevoked
        },
        leave() {
          if (!joined.members.delete(member)) return
          if (joined.members.size === 0 && groups.get(key) === joined) groups.delete(key)
          const left = (socketsOf.get(actor.userId) ?? 1) - 1
          if (left > 0) socketsOf.set(actor.userId, left)
          else socketsOf.delete(actor.userId)
          size--
        },
      }
    },

    /** Looks again at whoever was not looked at for a while. Never rejects. */
    async recheck(): Promise<void> {
      const now = performance.now()
      const stale = [...groups.values()].filter((group) => !group.checking && now - group.checkedAt >= freshMs)
      if (stale.length > 0) await check(stale).catch(() => {})
    },
  }
}

export interface Membership {
  /** Rejects when nobody can tell for now. */
  isAllowed(): Promise<boolean>
  leave(): void
}

interface Group<Member> {
  actor: Actor
  members: Set<Member>
  checkedAt: number
  checking?: Promise<unknown> | undefined
  isRevoked: boolean
}
