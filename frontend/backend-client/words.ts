import { NitroError, type ErrorCode } from '@nitroagi/shared/errors'

/** What happened and what to do, by code. A code without words of its own speaks through its message. */
const words: Partial<Record<ErrorCode | (string & {}), string>> = {
  unauthenticated: 'You have been signed out. Sign in again to go on.',
  forbidden: 'You may not do this in this workspace. Ask its owner for access.',
  not_found: 'This does not exist any more, or it is not yours.',
  conversation_busy: 'An answer is still being written here. Wait for it or stop it, then send again.',
  email_taken: 'There is already an account with this e-mail address. Sign in instead.',
  registration_closed: 'New accounts are by invitation here. Ask the owner for one.',
  payload_too_large: 'This is too large to send.',
  rate_limited: 'Too many requests in a short time. Wait a moment and try again.',
  unavailable: 'The server cannot be reached just now. Check your connection and try again.',
  internal: 'Something went wrong on our side. Try again in a moment.',
  offline_model: 'No language model is configured: this is quoted from your documents.',
  storage_full: 'The server has no room left. Delete documents you no longer need, or ask the operator.',
  document_password: 'This file is protected by a password. Remove the password and upload it again.',
  document_corrupt: 'This file is damaged and cannot be read. Export it again from where it came from.',
  document_no_text: 'No text was found in this file, in its pictures neither. Upload a version with text.',
  document_too_large: 'This file, or what unpacks from it, is too large to be read. Split it and upload the parts.',
  document_unsupported:
    'This kind of file cannot be read. PDF, Word, PowerPoint, Excel, CSV, EPUB, mail, HTML, JSON, text and pictures can.',
  model_not_found: 'The model provider does not know this model. Check the name in the settings of the server.',
  model_unauthorized: 'The model provider refused the key. The operator has to check it.',
  model_rate_limited: 'The model provider is receiving too many requests. Try again in a moment.',
  model_timeout: 'The model took too long to answer. Try again.',
  model_failed: 'The model provider failed. Try again in a moment.',
  model_interrupted: 'The answer broke off while the model was writing. What had arrived is kept.',
  run_interrupted: 'The server stopped while this answer was being written. What had arrived is kept.',
}

export function wordsFor(code: string, message?: string): string {
  // How long to wait is in the message alone.
  if (code === 'rate_limited' && message !== undefined) return message
  return words[code] ?? message ?? 'Something went wrong. Try again in a moment.'
}

export const wordsOf = (error: unknown): string =>
  error instanceof NitroError ? wordsFor(error.code, error.message) : wordsFor('internal')
