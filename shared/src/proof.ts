import { z } from 'zod'
import { limits } from './limits.ts'
import { FactorCode } from './second-factor.ts'

/** `POST /api/v1/me/proof`: of whatever the account has, all of it; nothing while the last time was not long ago. */
export const GiveProof = z.strictObject({
  password: z.string().min(1).max(limits.passwordMaxCharacters).optional(),
  code: FactorCode.optional(),
})
export type GiveProof = z.infer<typeof GiveProof>
