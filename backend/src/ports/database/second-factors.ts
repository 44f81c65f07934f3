import type { Scopes } from './connection.ts'
import type { SecondFactorsRepository } from './second-factors-port.ts'

export function createSecondFactorsRepository({ system }: Scopes): SecondFactorsRepository {
  /** Each is one statement, whose condition PostgreSQL looks at again after waiting for another one: one of many wins. */
  const changes = async (statement: string, params: unknown[]) => (await system.query(statement, params)).length > 0

  return {
    async find(userId) {
      const [row] = await system.query<{ secret: string; is_confirmed: boolean; codes_left: number }>(
        `SELECT secret, confirmed_at IS NOT NULL AS is_confirmed, cardinality(recovery_hashes) AS codes_left
         FROM second_factors WHERE user_id = $1`,
        [userId],
      )
      return row && { sealedSecret: row.secret, isConfirmed: row.is_confirmed, recoveryCodesLeft: row.codes_left }
    },
    begin: (userId, sealedSecret) =>
      changes(
        `INSERT INTO second_factors (user_id, secret) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET secret = $2, created_at = now()
         WHERE second_factors.confirmed_at IS NULL RETURNING user_id`,
        [userId, sealedSecret],
      ),
    confirm: (userId, { sealedSecret, step, recoveryHashes }) =>
      changes(
        `UPDATE second_factors SET confirmed_at = now(), last_step = $3, recovery_hashes = $4
         WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL RETURNING user_id`,
        [userId, sealedSecret, step, recoveryHashes],
      ),
    takeStep: (userId, step) =>
      changes(
        `UPDATE second_factors SET last_step = $2
         WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2 RETURNING user_id`,
        [userId, step],
      ),
    takeRecoveryCode: (userId, hash) =>
      changes(
        `UPDATE second_factors SET recovery_hashes = array_remove(recovery_hashes, $2)
         WHERE user_id = $1 AND confirmed_at IS NOT NULL AND $2 = ANY (recovery_hashes) RETURNING user_id`,
        [userId, hash],
      ),
    async remove(userId) {
      await system.query('DELETE FROM second_factors WHERE user_id = $1', [userId])
    },
  }
}
