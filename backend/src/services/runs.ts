import { createHash, randomUUID } from 'node:crypto'
import type { SendMessage } from '@nitroagi/shared/conversations'
import { NitroError } from '@nitroagi/shared/errors'
import { textOf } from '@nitroagi/shared/message-parts'
import { isFinal, type NitroPart, type Run } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { Attachment, Turn } from '../modules/module.ts'
import type { ConversationsRepository } from '../ports/database/conversations-port.ts'
import type { RunRow, RunsRepository, StartedRun, StartRun } from '../ports/database/runs-port.ts'
import type { createEventReader } from '../runs/event-reader.ts'
import { leaseSeconds } from '../runs/leases.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import { filePartOf, type Attachments } from './attachments.ts'
import { attachmentIdsIn, picturesAskedAbout } from './asked-about.ts'
import type { Runs } from './port.ts'

interface Dependencies {
  repository: RunsRepository
  conversations: Pick<ConversationsRepository, 'find'>
  liveRuns: LiveRuns
  reader: ReturnType<typeof createEventReader>
  attachments: Pick<Attachments, 'take' | 'readable'>
}

export function createRuns({
  repository,
  conversations,
  liveRuns,
  reader,
  attachments,
}: Dependencies): Runs & { refuseNew(): void } {
  let isDraining = false

  return {
    /** From now on nothing new is started; what runs goes on. */
    refuseNew: () => void (isDraining = true),

    async send(call, conversationId, message, idempotencyKey) {
      const attached = await attachments.take(call, message.attachments ?? [])
      const parts: NitroPart[] = [...attached.map(filePartOf), { type: 'text', text: message.text }]
      const started = await start(call, {
        conversationId,
        userMessage: { id: randomUUID(), parts, parentId: message.parentId },
        attachmentIds: attached.map(({ id }) => id),
        idempotencyKey,
        requestHash: hash([conversationId, message]),
        options: message.options ?? {},
        continuesRunId: undefined,
        title: titleOf(message),
      })
      if (started.created) await launch(call, started, message.text, attached)
      return toRun(started.run)
    },

    async find(call, runId) {
      return toRun(await mustFind(call, runId))
    },

    async stop(call, runId) {
      const run = await repository.requestStop(call, runId)
      if (!run) throw notFound()
      liveRuns.get(runId)?.end('stop')
      return toRun(run)
    },

    async continue(call, runId, idempotencyKey) {
      const earlier = await mustFind(call, runId)
      if (!isFinal(earlier.status))
        throw new NitroError('conversation_busy', 'This answer is still being written', { retryAfterSeconds: 2 })
      if (earlier.status === 'completed')
        throw new NitroError('conflict', 'This answer is complete; there is nothing to continue')
      const conversation = await conversations.find(call, earlier.conversationId)
      const question = conversation?.messages.find((message) => message.id === earlier.userMessageId)
      if (!question) throw notFound()
      const attached = await attachments.readable(call, attachmentIdsIn(question.parts))
      const started = await start(call, {
        conversationId: earlier.conversationId,
        userMessage: null,
        idempotencyKey,
        requestHash: hash(['continue', runId]),
        options: earlier.options,
        continuesRunId: runId,
        title: '',
      })
      if (started.created) await launch(call, started, textOf(question.parts), attached)
      return toRun(started.run)
    },

    async events(call, runId, after) {
      const live = liveRuns.get(runId)?.run
      const isMine = live?.ownerId === call.actor.userId && live.workspaceId === call.actor.workspaceId
      return reader.read(isMine ? live : await mustFind(call, runId), after, call.signal)
    },
  }

  async function start(call: Call, input: Omit<StartRun, 'runId' | 'messageId' | 'leaseSeconds'>): Promise<StartedRun> {
    if (isDraining)
      throw new NitroError('unavailable', 'The server is restarting. Send this again in a moment.', {
        retryAfterSeconds: 5,
      })
    return repository.start(call, { ...input, runId: randomUUID(), messageId: randomUUID(), leaseSeconds })
  }

  async function launch(
    call: Call,
    { run, history, hasKnowledge, hasTables }: StartedRun,
    question: string,
    attached: readonly Attachment[],
  ): Promise<void> {
    const { model, strategy, planner, collectionIds } = run.options
    const before =
      run.continuesRunId === null
        ? history
        : history.slice(
            0,
            history.findLastIndex(({ role }) => role === 'user'),
          )
    const runCall: Call = { ...call, log: call.log.with({ runId: run.id }) }
    liveRuns.launch(runCall, run, {
      question,
      conversationId: run.conversationId,
      ...(run.continuesRunId === null ? { history: turnsOf(history) } : splitAtQuestion(turnsOf(history))),
      model,
      strategy,
      planner,
      attachments: [...(await earlierPictures(call, question, attached, before)), ...attached],
      // An empty workspace has nothing to search, so no time is spent on it.
      collectionIds: hasKnowledge ? collectionIds : [],
      hasTables,
    })
  }

  /** What the question goes on asking about. A run that has begun is answered without them rather than not at all. */
  async function earlierPictures(
    call: Call,
    question: string,
    attached: readonly Attachment[],
    history: StartedRun['history'],
  ): Promise<Attachment[]> {
    try {
      return await attachments.readable(call, picturesAskedAbout({ question, attached: attached.length, history }))
    } catch (error) {
      call.log.warn('earlier-pictures-not-found', { error })
      return []
    }
  }

  async function mustFind(call: Call, runId: string): Promise<RunRow> {
    const run = await repository.find(call, runId)
    if (!run) throw notFound()
    return run
  }
}

const notFound = () => new NitroError('not_found', 'This run does not exist')

const hash = (request: unknown) => createHash('sha256').update(JSON.stringify(request)).digest('hex')

const titleOf = ({ text }: SendMessage) => {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > 80 ? `${line.slice(0, 79).trimEnd()}…` : line
}

const turnsOf = (history: StartedRun['history']): Turn[] =>
  history.flatMap(({ role, parts }) => {
    const text = textOf(parts)
    return role === 'system' || text === '' ? [] : [{ role, text }]
  })

/** The path of a continuation ends with the question and with what was said of its answer so far. */
function splitAtQuestion(turns: readonly Turn[]): { history: Turn[]; continueFrom: string | undefined } {
  const at = turns.findLastIndex((turn) => turn.role === 'user')
  const said = turns.slice(at + 1).map((turn) => turn.text)
  return { history: turns.slice(0, Math.max(0, at)), continueFrom: said.join('') || undefined }
}

const toRun = (row: RunRow): Run => ({
  id: row.id,
  conversationId: row.conversationId,
  userMessageId: row.userMessageId,
  messageId: row.messageId,
  status: row.status,
  lastSeq: row.lastSeq,
  createdAt: row.createdAt,
  finishedAt: row.finishedAt,
  usage: row.usage,
  error: row.error,
})
