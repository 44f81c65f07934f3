import { z } from 'zod'
import { limits } from './limits.ts'

const password = z.string().min(1).max(limits.passwordMaxCharacters)
/** Six digits of an authenticator app (RFC 6238), or a recovery code. */
export const FactorCode = z.string().trim().min(6).max(30)

/** `GET /api/v1/me/second-factor` */
export const SecondFactor = z.object({ isOn: z.boolean(), recoveryCodesLeft: z.int() })
export type SecondFactor = z.infer<typeof SecondFactor>

/** `POST /api/v1/me/second-factor`: nothing is asked for until a code has confirmed it. */
export const BeginSecondFactor = z.strictObject({ password: password.optional() })
export type BeginSecondFactor = z.infer<typeof BeginSecondFactor>
export const BegunSecondFactor = z.object({
  /** Base32, for typing it in by hand. */
  secret: z.string(),
  /** otpauth://…, for a QR code. */
  uri: z.string(),
})
export type BegunSecondFactor = z.infer<typeof BegunSecondFactor>

/** `POST /api/v1/me/second-factor/confirm` */
export const ConfirmSecondFactor = z.strictObject({ code: FactorCode })
export type ConfirmSecondFactor = z.infer<typeof ConfirmSecondFactor>
export const RecoveryCodes = z.object({
  /** Each good once; shown this once. */
  recoveryCodes: z.array(z.string()),
})
export type RecoveryCodes = z.infer<typeof RecoveryCodes>

/** `POST /api/v1/me/second-factor/disable` */
export const DisableSecondFactor = z.strictObject({ code: FactorCode })
export type DisableSecondFactor = z.infer<typeof DisableSecondFactor>

/** `GET /api/v1/me/identities`, `DELETE /api/v1/me/identities/{provider}` */
export const ProviderName = z.enum(['google', 'github', 'oidc'])
export type ProviderName = z.infer<typeof ProviderName>
export const LinkedIdentity = z.object({
  provider: ProviderName,
  email: z.string().nullable(),
  linkedAt: z.iso.datetime(),
})
export type LinkedIdentity = z.infer<typeof LinkedIdentity>
