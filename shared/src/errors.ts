import { z } from 'zod'

/** Every failure that a person or a program can meet, with the HTTP status that it is answered with. */
export const errorStatuses = {
  bad_request: 400,
  /** A password that is among the first that anybody would try. */
  password_common: 400,
  invalid_input: 400,
  unauthenticated: 401,
  /** The password is right; the code of the second factor is asked for as well. */
  second_factor_required: 401,
  forbidden: 403,
  /** This changes how they sign in: they show once more who they are, then try again. */
  proof_required: 403,
  /** The workspace asks its members for a second factor, and they have none. */
  second_factor_missing: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  /** An answer is still being written in this conversation. */
  conversation_busy: 409,
  email_taken: 409,
  /** A run's events are pruned; its message holds the answer. */
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  /** The same Idempotency-Key came with another body. */
  idempotency_mismatch: 422,
  headers_too_large: 431,
  rate_limited: 429,
  registration_closed: 403,
  /** A document that cannot be read, each for its own reason. */
  document_password: 422,
  document_corrupt: 422,
  document_no_text: 422,
  document_too_large: 422,
  document_unsupported: 415,
  /** A web address that is not fetched, or could not be. */
  address_refused: 422,
  fetch_failed: 502,
  fetch_timeout: 504,
  fetch_too_large: 422,
  /** What a model provider does to us. */
  model_not_found: 404,
  model_unauthorized: 502,
  model_rate_limited: 429,
  model_timeout: 504,
  model_failed: 502,
  /** The answer broke off after part of it had arrived. */
  model_interrupted: 502,
  run_interrupted: 500,
  /** A step took too long or said too much. */
  step_failed: 502,
  /** Answering would take more steps, tokens, money or time than one answer may. */
  budget_exceeded: 422,
  /** A person's, key's or workspace's cap on money or tokens of this month. */
  spending_cap_reached: 402,
  /** Another service does not say that the mailbox is theirs. */
  identity_unverified: 403,
  /** What they are at another service leads to another account already. */
  identity_taken: 409,
  /** The link of a letter or an invitation: too old, used, or never made. */
  link_expired: 410,
  storage_full: 507,
  unavailable: 503,
  internal: 500,
} as const

export type ErrorCode = keyof typeof errorStatuses

export const ErrorEnvelope = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
    requestId: z.string().optional(),
  }),
})
export type ErrorEnvelope = z.infer<typeof ErrorEnvelope>

/** The one error class. `message` is a sentence for the person; whoever decides looks at `code`. */
export class NitroError extends Error {
  readonly code: ErrorCode
  readonly details: unknown
  /** When trying again makes sense; becomes the Retry-After header. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'NitroError'
    this.code = code
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return errorStatuses[this.code]
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorStatuses, code)
