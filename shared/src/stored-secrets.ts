import { z } from 'zod'

/** `GET /api/v1/operator/secrets`: which keys of NITRO_SECRET_KEY stored secrets are sealed with. */
export const StoredSecrets = z.object({
  keys: z.array(
    z.object({
      /** The beginning of the key's hash, which is part of each secret that it sealed. */
      id: z.string(),
      /** It seals what is stored from now on. */
      isCurrent: z.boolean(),
      /** Whether NITRO_SECRET_KEY has it; what a key sealed that is gone cannot be opened. */
      isAvailable: z.boolean(),
      sealed: z.int(),
    }),
  ),
  /** Sealed with another key than the current one, and still to be sealed anew. */
  waiting: z.int(),
  /** Sealed with a key that NITRO_SECRET_KEY does not have. */
  lost: z.int(),
})
export type StoredSecrets = z.infer<typeof StoredSecrets>
