import { hash, verify } from '@node-rs/argon2'
import { NitroError } from '@nitroagi/shared/errors'

export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes as long when there is no hash to compare with, so that time does not tell who has an account. */
  matches(passwordHash: string | undefined, password: string): Promise<boolean>
}

/** argon2id with OWASP's second set: 19 MiB, 2 passes, 1 lane. These are also the library's defaults. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Of random bytes that nobody kept, made with the same options. */
const nobodysHash = '$argon2id$v=19$m=19456,t=2,p=1$k4zEXSCh+Ft8zaU1xkTyGA$5iYXY40G8GWYhLe0uREWGFkh5Xq67ZUgK4vXHc7PYgw'

/**
 * Hashing shares Node's few worker threads with files and token checks, so only some run at once and the crowd behind
 * them is bounded.
 */
export function createPasswords({ atOnce = 2, waiting = 100 } = {}): Passwords {
  const inTurn = createTurns(atOnce, waiting)
  return {
    hash: (password) => inTurn(() => hash(password.normalize('NFKC'), options)),
    async matches(passwordHash, password) {
      const isRight = await inTurn(() => verify(passwordHash ?? nobodysHash, password.normalize('NFKC')))
      return isRight && passwordHash !== undefined
    },
  }
}

function createTurns(atOnce: number, waiting: number) {
  let running = 0
  const queue: (() => void)[] = []
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      if (queue.length >= waiting) {
        throw new NitroError('rate_limited', 'Too many people are signing in right now. Try again in a moment.', {
          retryAfterSeconds: 5,
        })
      }
      await new Promise<void>((go) => queue.push(go))
    } else running++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}
