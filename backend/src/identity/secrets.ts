import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits; the prefix says to people and to secret scanners what it is. */
export const newSecret = (prefix: 'nk_live_' | 'nt_' | 'no_' | 'ni_'): string =>
  prefix + randomBytes(32).toString('base64url')

/** What a link in a letter carries. Those who get one read it with a page of ours, so it needs no prefix. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url')

/** What is stored and looked up. The secrets are random, so a plain hash cannot be guessed back. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Takes the same time whatever differs, and does not show the length. */
export const isSameHash = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other))
