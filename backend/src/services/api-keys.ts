import { NitroError } from '@nitroagi/shared/errors'
import type { ApiKey, CreateApiKey, CreatedApiKey, Scope, Tier } from '@nitroagi/shared/identity'
import type { Actor, Call } from '../call.ts'
import { createFreshCache } from '../identity/fresh-cache.ts'
import { narrowed } from '../identity/roles.ts'
import { hashSecret, newSecret } from '../identity/secrets.ts'
import type { Log } from '../log.ts'
import type { ActiveApiKey, ApiKeysRepository } from '../ports/database/api-keys-port.ts'
import { secondFactorMissing } from './accounts.ts'
import type { Audit } from './audit.ts'

export type ApiKeys = ReturnType<typeof createApiKeys>

/** With a second of checking, a revoked key stops everywhere within five. */
const freshSeconds = 4
const usedSeconds = 60
const shownCharacters = 'nk_live_'.length + 6
const everydayScopes: readonly Scope[] = ['read', 'chat', 'knowledge']

export interface ApiKeysOptions {
  repository: ApiKeysRepository
  audit: Pick<Audit, 'together' | 'record'>
  log: Log
  /** What a new key may ask for, until the operator says otherwise. */
  tier?: Tier | undefined
}

export function createApiKeys({ repository, audit, log, tier = 'free' }: ApiKeysOptions) {
  const active = createFreshCache((secretHash) => repository.active(secretHash), {
    seconds: freshSeconds,
    capacity: 10_000,
  })
  const activeById = createFreshCache(
    (key) => {
      const [workspaceId = '', id = ''] = key.split(' ')
      return repository.activeById(workspaceId, id)
    },
    { seconds: freshSeconds, capacity: 10_000 },
  )
  function forget(id: string): void {
    for (const known of [active, activeById]) known.forget((key) => key.id === id)
  }
  const touched = createFreshCache(
    async (key) => {
      const [workspaceId = '', id = ''] = key.split(' ')
      await repository.touch(workspaceId, id)
      return {}
    },
    { seconds: usedSeconds, capacity: 10_000 },
  )

  /** Nobody waits for this note, and a database that does not take it costs no answer. */
  function noteUse(workspaceId: string, id: string): void {
    touched.get(`${workspaceId} ${id}`).catch((error: unknown) => log.warn('api-key-use-not-noted', { error }))
  }

  async function create(
    call: Call,
    owner: { userId: string; workspaceId: string },
    { name, expiresAt }: Pick<CreateApiKey, 'name' | 'expiresAt'>,
    scopes: readonly Scope[],
  ): Promise<CreatedApiKey> {
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
      throw new NitroError('invalid_input', 'expiresAt: This moment has passed already')
    }
    const key = newSecret('nk_live_')
    return audit.together(async () => {
      const created = await repository.create(owner, {
        name,
        expiresAt,
        scopes: [...new Set(scopes)],
        tier,
        prefix: key.slice(0, shownCharacters),
        secretHash: hashSecret(key),
      })
      await audit.record(call, {
        action: 'api-key.create',
        targetId: created.id,
        workspaceId: owner.workspaceId,
        facts: { userId: owner.userId, scopes: created.scopes, tier, expiresAt: created.expiresAt },
      })
      return { ...created, key }
    })
  }

  return {
    /** Who a key speaks for now. Throws `unauthenticated` when it is unknown, revoked or expired. */
    async actor(key: string): Promise<Actor> {
      const found = usable(await active.get(hashSecret(key)))
      noteUse(found.workspaceId, found.id)
      const { id: keyId, tier: keyTier, userId, workspaceId, role } = found
      return { userId, workspaceId, role, via: 'api-key', scopes: narrowed(found.scopes, role), keyId, keyTier }
    },

    /** The same for what a key has asked for, with the rights that are left of it. */
    async current(actor: Actor): Promise<Actor> {
      const { tier: keyTier, role, scopes } = usable(await activeById.get(`${actor.workspaceId} ${actor.keyId}`))
      const left = narrowed(scopes, role)
      return { ...actor, role, keyTier, scopes: actor.scopes.filter((scope) => left.includes(scope)) }
    },

    list: (call: Call): Promise<ApiKey[]> => repository.list(call),

    /** A key may never do more than whoever makes it; without scopes it may do what is needed every day. */
    async create(call: Call, wanted: CreateApiKey): Promise<CreatedApiKey> {
      const { actor } = call
      // A key that leaked must not be able to leave another one behind.
      if (actor.via === 'api-key' && !actor.scopes.includes('admin')) {
        throw new NitroError('forbidden', 'An API key makes no further keys. Sign in to make one.')
      }
      const missing = wanted.scopes?.filter((scope) => !actor.scopes.includes(scope)) ?? []
      if (missing.length > 0) throw new NitroError('forbidden', `You do not have the "${missing[0]}" right yourself`)
      const scopes = wanted.scopes ?? everydayScopes.filter((scope) => actor.scopes.includes(scope))
      return create(call, actor, wanted, scopes)
    },

    /** For the machine's operator, who decides for others. */
    createFor: create,

    /** For the machine's operator alone; whoever calls this has asked. */
    async setTier(
      call: Call,
      named: { id?: string | undefined; prefix?: string | undefined },
      tier: Tier,
    ): Promise<ApiKey> {
      const [found, second] = await repository.named(named)
      if (second) throw new NitroError('conflict', 'Several keys begin like this. Name the one you mean by its id.')
      if (!found) throw noSuchKey()
      const { workspaceId } = found
      const changed = await audit.together(async () => {
        const key = await repository.setTier(found, tier)
        if (!key) throw noSuchKey()
        await audit.record(call, { action: 'api-key.tier', targetId: key.id, workspaceId, facts: { tier } })
        return key
      })
      forget(changed.id)
      return changed
    },

    async revoke(call: Call, id: string): Promise<void> {
      await audit.together(async () => {
        if (!(await repository.revoke(call, id))) throw noSuchKey()
        await audit.record(call, { action: 'api-key.revoke', targetId: id })
      })
      forget(id)
    },
  }
}

function usable(key: ActiveApiKey | undefined): ActiveApiKey {
  if (!key || key.suspended || (key.expiresAt !== null && key.expiresAt.getTime() <= Date.now())) {
    throw new NitroError('unauthenticated', 'This API key is not valid')
  }
  // What its owner may not do, it may not do for them.
  if (key.needsSecondFactor) throw secondFactorMissing()
  return key
}

const noSuchKey = () => new NitroError('not_found', 'There is no such API key')
