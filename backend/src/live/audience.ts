import { NitroError } from '@nitroagi/shared/errors'
import type { Actor } from '../call.ts'
import type { Log } from '../log.ts'

/** Who an actor is at this moment; rejects with `unauthenticated` when they may not come in any more. May be cached. */
export type CurrentActor = (actor: Actor) => Promise<Actor>

/** Everyone who is connected, in groups of the same rights, so that rights are asked once for all their sockets. */
export function createAudience<Member extends { revoke(): void }>({
  current,
  log,
}: {
  current: CurrentActor
  log: Log
}) {
  const groups = new Map<string, Group<Member>>()
  const socketsOf = new Map<string, number>()
  let size = 0

  /** Other rights than those they came with end a socket too: the next one is opened with the new rights. */
  async function isStillThemselves(actor: Actor): Promise<boolean> {
    try {
      return keyOf(await current(actor)) === keyOf(actor)
    } catch (error) {
      if (error instanceof NitroError && error.status < 500) return false
      throw error
    }
  }

  async function recheck(group: Group<Member>): Promise<void> {
    if (group.isChecking) return
    group.isChecking = true
    try {
      if (await isStillThemselves(group.actor)) return
      for (const member of group.members) member.revoke()
    } catch (error) {
      // Nobody is thrown out because the database is away; but nothing is done for them until it is back.
      log.warn('live-rights-unchecked', { error })
    } finally {
      group.isChecking = false
    }
  }

  return {
    size: () => size,
    socketsOf: (userId: string) => socketsOf.get(userId) ?? 0,
    members: function* (): Generator<Member> {
      for (const group of groups.values()) yield* group.members
    },

    join(actor: Actor, member: Member): Membership {
      const key = keyOf(actor)
      const group = groups.get(key) ?? { actor, members: new Set<Member>(), isChecking: false }
      groups.set(key, group)
      group.members.add(member)
      socketsOf.set(actor.userId, (socketsOf.get(actor.userId) ?? 0) + 1)
      size++
      return {
        isAllowed: () =>
          isStillThemselves(actor).catch((cause: unknown) => {
            throw new NitroError('unavailable', 'Your rights cannot be looked up for now. Try again in a moment.', {
              cause,
            })
          }),
        leave() {
          if (!group.members.delete(member)) return
          if (group.members.size === 0) groups.delete(key)
          const left = socketsOf.get(actor.userId)! - 1
          if (left > 0) socketsOf.set(actor.userId, left)
          else socketsOf.delete(actor.userId)
          size--
        },
      }
    },

    /** Looks at everyone's rights again. */
    recheck: (): void => {
      for (const group of groups.values()) void recheck(group)
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
  isChecking: boolean
}

const keyOf = ({ workspaceId, userId, role, via, sessionId, keyId, scopes }: Actor) =>
  [workspaceId, userId, role, via, sessionId, keyId, ...scopes].join(' ')
