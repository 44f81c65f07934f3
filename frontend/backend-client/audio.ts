import { Transcription, type Speak } from '@nitroagi/shared/audio'
import { NitroError } from '@nitroagi/shared/errors'
import { Ticket, type CreateTicket } from '@nitroagi/shared/identity'
import { readAnswer, readFailure } from './answer.ts'
import { proxyBase, request } from './request.ts'

/** The words of a recording, which goes straight to the backend as every file does. */
export async function transcribe(recording: Blob, signal: AbortSignal): Promise<string> {
  const body: CreateTicket = { kind: 'attachment' }
  const { ticket, url } = await request('/tickets', Ticket, { method: 'POST', body, signal })
  const address = new URL('/api/v1/audio/transcriptions', url).href
  const response = await post(address, 'application/octet-stream', recording, signal, ticket)
  return (await readAnswer(response, Transcription)).text
}

/** An answer, read by a voice. */
export async function speak(messageId: string, signal: AbortSignal): Promise<Blob> {
  const body: Speak = { messageId }
  const response = await post(`${proxyBase}/audio/speech`, 'application/json', JSON.stringify(body), signal)
  if (!response.ok) throw await readFailure(response)
  return response.blob()
}

async function post(
  address: string,
  type: string,
  body: BodyInit,
  signal: AbortSignal,
  ticket?: string,
): Promise<Response> {
  const headers = { 'content-type': type, ...(ticket ? { authorization: `Bearer ${ticket}` } : {}) }
  return fetch(address, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw new NitroError('unavailable', 'The server cannot be reached. Check your connection and try again.', { cause })
  })
}
