import type { StoredSecrets } from '@nitroagi/shared/stored-secrets'
import type { Call } from '../call.ts'
import type { Encryption } from '../identity/encryption.ts'
import type { SealedSecret, SealedSecretsRepository } from '../ports/database/sealed-secrets-port.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import { requireOperator } from './operator.ts'

export const resealSecretsKind = 'reseal-secrets'

export type StoredSecretsService = ReturnType<typeof createStoredSecrets>

interface Needs {
  repository: SealedSecretsRepository
  encryption: Encryption
  jobs: Pick<JobQueue, 'send'>
}

const batchSize = 50

/** What is stored sealed, for the operator who changes the key. */
export function createStoredSecrets({ repository, encryption, jobs }: Needs) {
  const { currentKeyId, keyIds } = encryption

  async function status(call: Call): Promise<StoredSecrets> {
    requireOperator(call)
    const counts = new Map((await repository.countByKey()).map(({ keyId, count }) => [keyId, count]))
    const keys = [...new Set([...keyIds, ...counts.keys()])].map((id) => ({
      id,
      isCurrent: id === currentKeyId,
      isAvailable: keyIds.includes(id),
      sealed: counts.get(id) ?? 0,
    }))
    const sum = (of: typeof keys) => of.reduce((total, { sealed }) => total + sealed, 0)
    return {
      keys,
      waiting: sum(keys.filter(({ isCurrent, isAvailable }) => isAvailable && !isCurrent)),
      lost: sum(keys.filter(({ isAvailable }) => !isAvailable)),
    }
  }

  /** What it would be with the current key; undefined when it cannot be opened, which the log of its reader says. */
  function resealed(secret: SealedSecret): { secret: SealedSecret; by: string } | undefined {
    try {
      return { secret, by: encryption.encrypt(encryption.decrypt(secret.sealed, secret.place), secret.place) }
    } catch {
      return undefined
    }
  }

  return {
    status,

    /** The work is done in the background; the status says how far it is. */
    async reseal(call: Call): Promise<StoredSecrets> {
      requireOperator(call)
      await jobs.send(resealSecretsKind, {}, { key: 'all' })
      return status(call)
    },

    /** For the job: what an older key has sealed, batch after batch. */
    async *resealBatches(signal: AbortSignal): AsyncGenerator<{ resealed: number; unopened: number }> {
      for (const table of repository.tables) {
        let after: string | undefined
        for (;;) {
          signal.throwIfAborted()
          const found = await repository.outdated(table, currentKeyId, after, batchSize)
          if (found.length === 0) break
          after = found.at(-1)!.place.row
          const changes = found.flatMap((secret) => resealed(secret) ?? [])
          // Who changed theirs meanwhile has sealed it with the current key.
          const done = changes.length === 0 ? 0 : await repository.replace(table, changes)
          yield { resealed: done, unopened: found.length - changes.length }
        }
      }
    },
  }
}
