'use client'

import { useChat } from '@ai-sdk/react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { attachmentUrl } from '@nitroagi/shared/attachments'
import { ConversationDetail, SentMessage } from '@nitroagi/shared/conversations'
import { Run, type NitroMessage, type NitroPart } from '@nitroagi/shared/runs'
import { wait } from '../../backend-client/backoff.ts'
import type { Connection } from '../../backend-client/read-events.ts'
import { request } from '../../backend-client/request.ts'
import { optionsFor } from './answer-options.ts'
import { messagesOf } from './answer-parts.ts'
import { clearDraft, keyFor, type DraftMessage } from './drafts.ts'
import { createRunTransport } from './run-transport.ts'
import { conversationsKey } from './use-conversations.ts'

/** One conversation: what is stored, what is being written, and what can be done about it. */
export function useConversation(initial: ConversationDetail) {
  const { id } = initial
  const queries = useQueryClient()
  const [connection, setConnection] = useState<Connection>('open')
  const [failure, setFailure] = useState<Error>()
  const [runId, setRunId] = useState(initial.activeRunId)
  const [isStopping, setStopping] = useState(false)
  // Set at once, where state would be seen one render late.
  const busy = useRef(false)
  const isMounted = useRef(true)
  const lastError = useRef<Error>(undefined)

  const detail = useQuery({
    queryKey: ['conversation', id],
    queryFn: ({ signal }) => request(`/conversations/${id}`, ConversationDetail, { signal }),
    initialData: initial,
    staleTime: 0,
    // The page brings a newer one each time it is opened.
    gcTime: 0,
    // A server that was away for long may have written on without us.
    refetchInterval: ({ state }) => (state.error ? 5_000 : false),
  })

  const [transport] = useState(() =>
    createRunTransport({
      options: () => optionsFor(id),
      onConnection: setConnection,
      onAccepted: (run) => {
        clearDraft(id)
        setRunId(run.id)
        void queries.invalidateQueries({ queryKey: conversationsKey })
      },
    }),
  )
  const { messages, status, setMessages, sendMessage, resumeStream, clearError } = useChat<NitroMessage>({
    id,
    messages: messagesOf(initial),
    transport,
    generateId: () => crypto.randomUUID(),
    throttle: 50,
    onError: (error) => (lastError.current = error),
  })

  /** However an answer ended, what is stored is what is shown. Gives the run that still writes, if one does. */
  const settle = useCallback(async () => {
    busy.current = false
    setRunId(null)
    setStopping(false)
    setConnection('open')
    clearError()
    void queries.invalidateQueries({ queryKey: conversationsKey })
    await queries.invalidateQueries({ queryKey: ['conversation', id] })
    return queries.getQueryData<ConversationDetail>(['conversation', id])?.activeRunId
  }, [clearError, id, queries])

  const follow = useCallback(
    async (run: string) => {
      let writing: string | null | undefined = run
      while (writing && !busy.current && isMounted.current) {
        busy.current = true
        lastError.current = undefined
        transport.follow(writing)
        setRunId(writing)
        await resumeStream()
        setFailure(lastError.current)
        writing = await settle()
        if (writing) await wait(500)
      }
    },
    [resumeStream, settle, transport],
  )

  useEffect(() => {
    isMounted.current = true
    return () => void (isMounted.current = false)
  }, [])

  // A newer state of the conversation: this tab's own answer, or one that another tab or device has started.
  useEffect(() => {
    if (busy.current) return
    setMessages(messagesOf(detail.data))
    if (detail.data.activeRunId) void follow(detail.data.activeRunId)
  }, [detail.data, follow, setMessages])

  const send = useCallback(
    async (message: DraftMessage): Promise<boolean> => {
      if (busy.current) return false
      busy.current = true
      lastError.current = undefined
      setFailure(undefined)
      const key = keyFor(id, message)
      // The message's id is its Idempotency-Key: sent again after a failure, it is still the same message.
      await sendMessage({ id: key, role: 'user', parts: partsOf(message) })
      const wasAccepted = transport.hasSent(key)
      if (!wasAccepted) setMessages((current) => current.filter((message) => message.id !== key))
      setFailure(lastError.current)
      const writing = await settle()
      if (writing) void follow(writing)
      return wasAccepted
    },
    [follow, id, sendMessage, setMessages, settle, transport],
  )

  const stop = useCallback(async () => {
    if (!runId) return
    setStopping(true)
    // The run says itself that it ended; until then its last words still arrive.
    await request(`/runs/${runId}/stop`, Run, { method: 'POST' }).catch((error: Error) => {
      setStopping(false)
      setFailure(error)
    })
  }, [runId])

  const goOn = useCallback(
    async (endedRunId: string) => {
      setFailure(undefined)
      try {
        const { run } = await request(`/runs/${endedRunId}/continue`, SentMessage, {
          method: 'POST',
          idempotencyKey: `continue-${endedRunId}`,
        })
        await follow(run.id)
      } catch (error) {
        setFailure(error as Error)
      }
    },
    [follow],
  )

  return {
    title: detail.data.title,
    messages,
    isRunning: status === 'submitted' || status === 'streaming' || runId !== null,
    isStopping,
    isReconnecting: connection === 'lost' && runId !== null,
    failure,
    send,
    stop,
    goOn,
  }
}

/** As the server will have stored it. */
const partsOf = ({ text, attachments }: DraftMessage): NitroPart[] => [
  ...attachments.map(({ id, name, mediaType }) => ({
    type: 'file' as const,
    mediaType,
    filename: name,
    url: attachmentUrl(id),
  })),
  { type: 'text', text },
]
