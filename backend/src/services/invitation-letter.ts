import type { Letter } from '../ports/mail/port.ts'

interface About {
  to: string
  invitedBy: string
  workspaceName: string
  expiresAt: string
  link: string
}

/** Names are what people typed: without line ends, so that nobody writes a letter of their own in our name. */
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

export const invitationLetter = ({ to, invitedBy, workspaceName, expiresAt, link }: About): Letter => ({
  to,
  subject: 'You are invited to a workspace of NitroAGI',
  goodUntil: expiresAt,
  text: `${oneLine(invitedBy)} invites you to the workspace "${oneLine(workspaceName)}" of NitroAGI. The link is good once, until ${expiresAt.slice(0, 10)}:

${link}

If you do not know who this is, do nothing.
`,
})
