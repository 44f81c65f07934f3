import { wordsFor } from '../../backend-client/words.ts'

/** What became of a sign-in, by our codes and by next-auth's own. */
const words: Record<string, string> = {
  CredentialsSignin: 'This e-mail address and password do not belong together. Check both and try again.',
  second_factor_required: 'This code is wrong or was used already. Wait for the next one, or use a recovery code.',
  sign_in_expired: 'This took too long. Start again.',
  rate_limited: 'Too many failed tries. Wait 15 minutes, then try again.',
  forbidden: 'This account may not sign in. Ask the owner of your workspace.',
  email_taken:
    'There is already an account with this e-mail address. Sign in with your password, then connect the service in your settings.',
  identity_unverified: 'That service does not say that your e-mail address is yours. Confirm it there, then try again.',
  identity_taken: 'This is connected to another account here already. Disconnect it there first.',
  conflict: 'Another account of this service is connected already. Disconnect it first.',
  proof_required: 'It is more than 15 minutes since you showed who you are, so nothing was connected. Start again.',
  connection_interrupted: 'Somebody else has signed in meanwhile, so nothing was connected. Start again.',
  OAuthSignin: 'That service cannot be reached just now. Try again in a moment, or sign in another way.',
  OAuthCallback: 'Signing in with that service was broken off. Start again.',
  Callback: 'Signing in with that service was broken off. Start again.',
}

export const signInWords = (code: string): string => words[code] ?? wordsFor(code)
