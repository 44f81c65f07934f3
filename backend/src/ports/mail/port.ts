export interface Letter {
  /** One address. */
  to: string
  subject: string
  /** Plain text; its links are whole lines. */
  text: string
}

export interface Mail {
  /** Whether letters can be sent at all; without that, people get links to copy. */
  readonly isConfigured: boolean
  /** Resolves when the mail server has taken the letter. Throws `unavailable`, with nothing of the letter in it. */
  send(letter: Letter): Promise<void>
}
