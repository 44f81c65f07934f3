import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { Attachment } from '@nitroagi/shared/attachments'
import { Conversation, SentMessage, type RunOptions, type SendMessage } from '@nitroagi/shared/conversations'
import { limits } from '@nitroagi/shared/limits'
import { createMessageParts, textOf } from '@nitroagi/shared/message-parts'
import { Run, sourceOf, type NitroChunk, type NitroPart, type SourceData } from '@nitroagi/shared/runs'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { findCollection } from './collections.ts'
import type { Output } from './output.ts'
import { readRunEvents } from './run-events.ts'
import { describeTrace } from './trace.ts'

export interface AskOptions {
  collection?: string
  model?: string
  strategy?: string
  planner?: string
  conversation?: string
  /** Pictures and recordings that come with the question. */
  file?: string[]
  trace?: boolean
}

/** Streams the answer; Ctrl-C stops the run and keeps what was written. */
export async function ask(client: Client, output: Output, text: string, options: AskOptions): Promise<void> {
  const message = await toMessage(client, text, options)
  const conversationId =
    options.conversation ??
    (await client.request('/api/v1/conversations', Conversation, { method: 'POST', body: {} })).id
  const { run } = await client.request(`/api/v1/conversations/${conversationId}/messages`, SentMessage, {
    method: 'POST',
    body: message,
    headers: { 'idempotency-key': randomUUID() },
  })

  const stop = () => {
    process.once('SIGINT', () => process.exit(130))
    client.request(`/api/v1/runs/${run.id}/stop`, Run, { method: 'POST' }).catch(() => process.exit(130))
  }
  process.once('SIGINT', stop)
  const answer = createMessageParts()
  for await (const { chunk } of readRunEvents(client, run.id)) {
    answer.add(chunk)
    show(output, chunk)
  }
  process.removeListener('SIGINT', stop)
  finish(output, { conversationId, runId: run.id, parts: answer.parts, trace: options.trace ?? false })
}

async function toMessage(
  client: Client,
  text: string,
  { collection, model, strategy, planner, file = [] }: AskOptions,
): Promise<SendMessage> {
  const collectionIds = collection === undefined ? undefined : [(await findCollection(client, collection)).id]
  // The program has checked the names that it takes.
  const options = { collectionIds, model, strategy, planner } as RunOptions
  const attachments: string[] = []
  for (const path of file) attachments.push(await attach(client, path))
  return {
    text,
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(Object.values(options).some((value) => value !== undefined) ? { options } : {}),
  }
}

/** Streamed from disk; gives the id that a message sends along. */
async function attach(client: Client, path: string): Promise<string> {
  const body = await openFile(path)
  // Said here too, because a server that refuses in mid-stream can often not be heard any more.
  if (body.size > limits.attachmentBytes) {
    throw new CliError('payload_too_large', `An attachment may have at most ${limits.attachmentBytes / 1024 / 1024} MB`)
  }
  const query = new URLSearchParams({ name: basename(path) })
  const { id } = await client.request(`/api/v1/attachments?${query}`, Attachment, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/octet-stream' },
  })
  return id
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path)
  } catch {
    throw new CliError('usage', `The file ${path} cannot be read`, 2)
  }
}

function show(output: Output, chunk: NitroChunk): void {
  if (chunk.type === 'text-delta') output.piece(chunk.delta)
  else if (chunk.type === 'text-end') output.piece('\n')
  else if (chunk.type === 'data-notice') output.remark(chunk.data.message)
}

function finish(
  output: Output,
  {
    conversationId,
    runId,
    parts,
    trace,
  }: { conversationId: string; runId: string; parts: NitroPart[]; trace: boolean },
): void {
  const sources = parts.flatMap((part) => (part.type === 'source-document' ? (sourceOf(part) ?? []) : []))
  const data = parts.findLast((part) => part.type === 'data-run')?.data
  const status = data?.status ?? 'failed'
  output.result(
    {
      conversationId,
      runId,
      status,
      model: data?.model ?? null,
      text: textOf(parts),
      sources,
      usage: data?.usage ?? null,
      durationMs: data?.durationMs ?? null,
      confidence: parts.findLast((part) => part.type === 'data-confidence')?.data ?? null,
      ...(trace
        ? {
            plan: parts.findLast((part) => part.type === 'data-plan')?.data ?? null,
            steps: parts.flatMap((part) => (part.type === 'data-step' ? [part.data] : [])),
            tools: parts.filter(({ type }) => type === 'dynamic-tool'),
            decision: parts.findLast((part) => part.type === 'data-decision')?.data ?? null,
            consensus: parts.findLast((part) => part.type === 'data-consensus')?.data ?? null,
            computations: parts.flatMap((part) => (part.type === 'data-computation' ? [part.data] : [])),
            critique: parts.findLast((part) => part.type === 'data-critique')?.data ?? null,
          }
        : {}),
    },
    () =>
      [describeSources(sources), trace ? describeTrace(parts) : '', `Conversation ${conversationId}`]
        .filter(Boolean)
        .join('\n\n'),
  )
  if (status === 'stopped') throw new CliError('stopped', 'Stopped; what was written is kept.', 130)
  if (status !== 'completed')
    throw new CliError(`run_${status}`, `The answer is not complete: the run ended as ${status}.`)
}

const describeSources = (sources: SourceData[]): string =>
  sources.map(({ number, title, page, quote }) => `[${number}] ${title}, page ${page}: “${shorten(quote)}”`).join('\n')

const shorten = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
