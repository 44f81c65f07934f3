export interface Letter {
  /** One address. */
  to: string
  subject: string
  /** Plain text; its links are whole lines. */
  text: string
  /** After this moment it says nothing of use any more, and is not sent. */
  goodUntil?: string | undefined
}

export interface Mail {
  /** Whether letters can be sent at all; without that, people get links to copy. */
  readonly isConfigured: boolean
  /** Resolves when somebody has taken the letter who will deliver it. Throws `unavailable`, with nothing of the letter in it. */
  send(letter: Letter): Promise<void>
}
