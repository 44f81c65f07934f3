import type { Scopes } from './connection.ts'
import type { SignInAttemptsRepository } from './sign-in-attempts-port.ts'

export function createSignInAttemptsRepository(connection: Scopes): SignInAttemptsRepository {
  return {
    begin: (subjects, { failures, seconds }) =>
      connection.system.transaction(async (tx) => {
        // In one order everywhere, so that two attempts cannot wait for each other.
        for (const subject of [...subjects].sort()) {
          await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 474148))', [subject])
        }
        await tx.query(
          `DELETE FROM sign_in_failures WHERE subject = ANY($1) AND at < clock_timestamp() - $2 * interval '1 second'`,
          [subjects, seconds],
        )
        const [locked] = await tx.query<{ left: number }>(
          `SELECT ceil(extract(epoch FROM max(over_at) + $2 * interval '1 second' - clock_timestamp()))::int AS left
           FROM (SELECT (array_agg(at ORDER BY at DESC))[$3] AS over_at FROM sign_in_failures
                 WHERE subject = ANY($1) GROUP BY subject) AS counted
           WHERE over_at IS NOT NULL HAVING count(*) > 0`,
          [subjects, seconds, failures],
        )
        if (locked) return { lockedSeconds: Math.max(1, locked.left), subjects, at: '' }
        const [row] = await tx.query<{ at: string }>(
          `WITH now AS (SELECT clock_timestamp() AS at)
           INSERT INTO sign_in_failures (subject, at) SELECT subject, now.at FROM unnest($1::text[]) AS subject, now
           RETURNING at::text AS at`,
          [subjects],
        )
        return { lockedSeconds: undefined, subjects, at: row?.at ?? '' }
      }),
    async succeed({ subjects, at }, account) {
      await connection.system.query(
        'DELETE FROM sign_in_failures WHERE subject = $1 OR (subject = ANY($2) AND at = $3::timestamptz)',
        [account, subjects, at],
      )
    },
    async forget(subject) {
      await connection.system.query('DELETE FROM sign_in_failures WHERE subject = $1', [subject])
    },
    async withdraw({ subjects, at }) {
      await connection.system.query('DELETE FROM sign_in_failures WHERE subject = ANY($1) AND at = $2::timestamptz', [
        subjects,
        at,
      ])
    },
  }
}
