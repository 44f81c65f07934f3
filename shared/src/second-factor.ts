import { z } from 'zod'
import { Email } from './identity.ts'
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

/**
 * `POST /api/v1/auth/identity`, asked by the web app once another service has said who somebody is. The answer is
 * `SignedIn`.
 */
export const SignInWithIdentity = z.strictObject({
  provider: ProviderName,
  /** Who they are there; unlike the e-mail address it never changes hands. */
  subject: z.string().min(1).max(255),
  email: Email.nullable(),
  /** Whether that service says that the mailbox is theirs. */
  isEmailVerified: z.boolean(),
  name: z.string().trim().max(limits.nameCharacters).nullable(),
  /** Of the second factor, once the answer was `second_factor_required`. */
  code: FactorCode.optional(),
  /** Whose account this becomes a way into: of the session that began it and is signed in now. */
  linkTo: z.strictObject({ userId: z.uuid(), workspaceId: z.uuid(), sessionId: z.uuid() }).optional(),
})
export type SignInWithIdentity = z.infer<typeof SignInWithIdentity>
