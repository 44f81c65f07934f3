import { NitroError } from '@nitroagi/shared/errors'
import type { Mail } from './port.ts'

/** Where no mail server is set up. */
export const createNoMail = (): Mail => ({
  isConfigured: false,
  send: () =>
    Promise.reject(new NitroError('unavailable', 'No mail server is set up here: NITRO_SMTP_URL and NITRO_MAIL_FROM')),
})
