import { z } from 'zod'
import { Email, Password } from './identity.ts'
import { limits } from './limits.ts'

/** What a link in a letter carries. Good once, for an hour. */
export const LinkToken = z.string().min(20).max(200)

/** `POST /api/v1/auth/forgot-password`; the answer is the same whether there is such an account or not. */
export const ForgotPassword = z.strictObject({ email: Email })
export type ForgotPassword = z.infer<typeof ForgotPassword>

/** `POST /api/v1/auth/reset-password`; ends all sessions of the account. */
export const ResetPassword = z.strictObject({ token: LinkToken, password: Password })
export type ResetPassword = z.infer<typeof ResetPassword>

/** `POST /api/v1/auth/verify-email`: of a new account, or of an address that somebody changes to. */
export const VerifyEmail = z.strictObject({ token: LinkToken })
export type VerifyEmail = z.infer<typeof VerifyEmail>
export const VerifiedEmail = z.object({ email: z.string() })
export type VerifiedEmail = z.infer<typeof VerifiedEmail>

/** `PATCH /api/v1/me` */
export const ChangeProfile = z.strictObject({ name: z.string().trim().min(1).max(limits.nameCharacters) })
export type ChangeProfile = z.infer<typeof ChangeProfile>

const given = z.string().min(1).max(limits.passwordMaxCharacters)

/** `PUT /api/v1/me/password`; ends the other sessions. Who has none yet, because they sign in elsewhere, leaves `current` out. */
export const ChangePassword = z.strictObject({ current: given.optional(), next: Password })
export type ChangePassword = z.infer<typeof ChangePassword>

/** `PUT /api/v1/me/email` */
export const ChangeEmail = z.strictObject({ email: Email, password: given.optional() })
export type ChangeEmail = z.infer<typeof ChangeEmail>
export const ChangedEmail = z.object({
  /** `confirm`: a letter went to the new address, whose link makes it count; `changed`: there is no mail here, so it counts now. */
  state: z.enum(['confirm', 'changed']),
})
export type ChangedEmail = z.infer<typeof ChangedEmail>

/** `POST /api/v1/me/delete`: the account and everything of the workspaces that nobody else is in. */
export const DeleteAccount = z.strictObject({
  /** The account's e-mail address, typed, so that nobody does it by a slip. */
  email: Email,
  password: given.optional(),
})
export type DeleteAccount = z.infer<typeof DeleteAccount>
