'use client'

import { useCallback, useRef, useState } from 'react'
import type { ConversationDetail } from '@nitroagi/shared/conversations'
import type { SourceData } from '@nitroagi/shared/runs'
import { useIsViewer } from '../../backend-client/use-account.ts'
import { wordsOf } from '../../backend-client/words.ts'
import { PageHeader } from '../../ui/app-shell.tsx'
import { DropZone } from '../../ui/drop-zone.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SidePanel } from '../../ui/side-panel.tsx'
import { Composer, type ComposerHandle } from './composer.tsx'
import { MessageList } from './message-list.tsx'
import { ModelNote } from './model-note.tsx'
import { PassagePanel } from './passage-panel.tsx'
import { TracePanel } from './trace-panel.tsx'
import { useConversation } from './use-conversation.ts'

type Panel = { kind: 'passage'; source: SourceData } | { kind: 'trace'; messageId: string }

export function Conversation({ initial }: { initial: ConversationDetail }) {
  const conversation = useConversation(initial)
  const isViewer = useIsViewer()
  const { messages, isRunning, failure, goOn } = conversation
  const [panel, setPanel] = useState<Panel>()
  const openSource = useCallback((source: SourceData) => setPanel({ kind: 'passage', source }), [])
  const openTrace = useCallback((messageId: string) => setPanel({ kind: 'trace', messageId }), [])
  const composer = useRef<ComposerHandle>(null)
  const close = useCallback(() => setPanel(undefined), [])
  const traced = panel?.kind === 'trace' ? messages.find(({ id }) => id === panel.messageId) : undefined
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <PageHeader title={conversation.title || 'New conversation'} />
        <main aria-busy={isRunning} className="flex min-h-0 flex-1 flex-col">
          <DropZone
            onFiles={(files) => composer.current?.addFiles(files)}
            label="Drop to attach"
            className="min-h-0 flex-1"
          >
            <MessageList
              messages={messages}
              isRunning={isRunning}
              onOpenSource={openSource}
              onOpenTrace={openTrace}
              onGoOn={(runId) => void goOn(runId)}
            />
            <div className="mx-auto flex w-full max-w-[46rem] flex-col gap-2 px-4 pb-3">
              {conversation.isReconnecting && (
                <Notice level="info">The connection was lost. Reconnecting; the answer goes on being written.</Notice>
              )}
              {failure && <Notice level="error">{wordsOf(failure)}</Notice>}
              {isViewer ? (
                <Notice level="info">You may read in this workspace. Its owner can let you ask, too.</Notice>
              ) : (
                <>
                  <Composer
                    ref={composer}
                    draftName={initial.id}
                    isRunning={isRunning}
                    isStopping={conversation.isStopping}
                    onSend={conversation.send}
                    onStop={() => void conversation.stop()}
                  />
                  <ModelNote />
                </>
              )}
            </div>
          </DropZone>
        </main>
      </div>
      <SidePanel
        title={panel?.kind === 'passage' ? 'Source' : 'How this was answered'}
        open={panel?.kind === 'passage' || traced !== undefined}
        onClose={close}
      >
        {panel?.kind === 'passage' && (
          <PassagePanel key={`${panel.source.entryId}:${panel.source.number}`} source={panel.source} onClose={close} />
        )}
        {traced && <TracePanel message={traced} onClose={close} />}
      </SidePanel>
    </div>
  )
}
