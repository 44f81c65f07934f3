import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { z } from 'zod'
import { NitroError } from '@nitroagi/shared/errors'
import { Document } from '@nitroagi/shared/knowledge'
import { readSession } from '../../../../../auth.ts'
import { readForPerson } from '../../../../../backend-client/service.ts'
import { DocumentView } from '../../../../../features/knowledge/document-view.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await readDocument((await params).id)).name }
}

export default async function DocumentPage({ params }: Props) {
  const document = await readDocument((await params).id)
  return <DocumentView key={document.id} initial={document} />
}

/** Once per request, for the title and the page alike. */
const readDocument = cache(async (id: string): Promise<Document> => {
  const identity = await readSession()
  if (!identity) redirect('/sign-in')
  if (!z.uuid().safeParse(id).success) notFound()
  try {
    return await readForPerson(identity, `/api/v1/documents/${id.toLowerCase()}`, Document)
  } catch (error) {
    if (error instanceof NitroError && error.code === 'not_found') notFound()
    if (error instanceof NitroError && error.code === 'unauthenticated') redirect('/sign-in?reason=expired')
    throw error
  }
})
