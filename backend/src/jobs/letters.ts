import { randomUUID } from 'node:crypto'
import type { Encryption, SecretPlace } from '../identity/encryption.ts'
import type { Log } from '../log.ts'
import type { JobQueue } from '../ports/job-queue/port.ts'
import type { Letter, Mail } from '../ports/mail/port.ts'

interface Needs {
  mail: Mail
  jobs: Pick<JobQueue, 'handle' | 'send'>
  encryption: Pick<Encryption, 'encrypt' | 'decrypt'>
  log: Log
  pauses?: { firstSeconds: number; longestSeconds: number }
  maxAttempts?: number
}

interface Posted {
  id: string
  /** The whole letter: its link opens an account, and its address says who has one. */
  sealed: string
  goodUntil?: string | undefined
}

export const sendLetterKind = 'send-letter'

/** Some four hours in all. A mail server that refuses a letter for the moment wants to be asked again after minutes. */
const patience = { firstSeconds: 5, longestSeconds: 15 * 60 }
const attempts = 24

const placeOf = (id: string): SecretPlace => ({ workspaceId: null, table: 'pgboss.job', row: id, column: 'data' })

/**
 * Letters go through the job queue: taken when the queue has them, delivered when the mail server lets them in, also when
 * this process is gone by then.
 */
export function queueLetters({ mail, jobs, encryption, log, pauses = patience, maxAttempts = attempts }: Needs): Mail {
  if (!mail.isConfigured) return mail
  const options = {
    concurrency: 2,
    maxAttempts,
    leaseSeconds: 30,
    pauses,
    onDead: async (_payload: object, error: unknown) => log.error('letter-given-up', { error }),
  }
  jobs.handle<Posted>(sendLetterKind, options, async ({ id, sealed, goodUntil }) => {
    if (goodUntil !== undefined && Date.parse(goodUntil) <= Date.now()) return log.warn('letter-too-late')
    await mail.send(JSON.parse(encryption.decrypt(sealed, placeOf(id))) as Letter)
  })
  return {
    isConfigured: true,
    async send({ goodUntil, ...letter }) {
      const id = randomUUID()
      const posted: Posted = { id, sealed: encryption.encrypt(JSON.stringify(letter), placeOf(id)), goodUntil }
      await jobs.send(sendLetterKind, posted, { key: id })
    },
  }
}
