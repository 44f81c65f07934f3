import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { z } from 'zod'
import { ConversationDetail } from '@nitroagi/shared/conversations'
import { NitroError } from '@nitroagi/shared/errors'
import { readSession } from '../../../../auth.ts'
import { readForPerson } from '../../../../backend-client/service.ts'
import { Conversation } from '../../../../features/chat/conversation.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await readConversation((await params).id)).title || 'Conversation' }
}

export default async function ConversationPage({ params }: Props) {
  const detail = await readConversation((await params).id)
  return <Conversation key={detail.id} initial={detail} />
}

/** Once per request, for the title and the page alike. */
const readConversation = cache(async (id: string): Promise<ConversationDetail> => {
  const identity = await readSession()
  if (!identity) redirect('/sign-in')
  if (!z.uuid().safeParse(id).success) notFound()
  try {
    return await readForPerson(identity, `/api/v1/conversations/${id.toLowerCase()}`, ConversationDetail)
  } catch (error) {
    if (error instanceof NitroError && error.code === 'not_found') notFound()
    if (error instanceof NitroError && error.code === 'unauthenticated') redirect('/sign-in?reason=expired')
    throw error
  }
})
