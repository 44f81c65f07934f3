import type { Letter } from '../ports/mail/port.ts'

export const linkSeconds = 60 * 60

/** Of a link that is made now. */
export const endOfLink = () => new Date(Date.now() + linkSeconds * 1000).toISOString()

/** What people are written about their accounts. Each says what to do if it was not they who asked. */

export const resetLetter = (to: string, link: string): Letter => ({
  to,
  subject: 'Choose a new password for NitroAGI',
  goodUntil: endOfLink(),
  text: `Somebody, probably you, asked for a new password for the NitroAGI account with this address.

Choose one here, within an hour:

${link}

You will be signed out everywhere else. If you did not ask for this, do nothing: your password stays as it is.
`,
})

export const verifyLetter = (to: string, link: string): Letter => ({
  to,
  subject: 'Confirm your address for NitroAGI',
  goodUntil: endOfLink(),
  text: `There is a NitroAGI account with this e-mail address. Confirm that it is yours, within an hour:

${link}

If you have no such account, do nothing.
`,
})

export const changeEmailLetter = (to: string, link: string): Letter => ({
  to,
  subject: 'Confirm your new address for NitroAGI',
  goodUntil: endOfLink(),
  text: `Somebody, probably you, wants to use this address for their NitroAGI account. Confirm it within an hour:

${link}

Until then the account keeps the address that it has. If this was not you, do nothing.
`,
})

/** Instead of the letter above, so that the page does not tell who has an account. */
export const emailTakenLetter = (to: string): Letter => ({
  to,
  subject: 'This address has a NitroAGI account already',
  text: `Somebody, probably you, wants to use this address for another NitroAGI account. It belongs to an account already, so
nothing was changed. Sign in with that one, or delete it first.
`,
})

export const emailChangedLetter = (to: string): Letter => ({
  to,
  subject: 'Your NitroAGI account has another address now',
  text: `Your NitroAGI account uses another e-mail address from now on, and letters no longer come here.

If you did not do this, ask whoever runs this installation for help at once.
`,
})

export const passwordChangedLetter = (to: string): Letter => ({
  to,
  subject: 'Your NitroAGI password was changed',
  text: `The password of your NitroAGI account was changed, and all other browsers were signed out.

If you did not do this, choose a new one now with "Forgotten your password?" on the sign-in page.
`,
})
