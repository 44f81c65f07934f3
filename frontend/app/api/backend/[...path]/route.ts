import type { NextRequest } from 'next/server'
import { readSession } from '../../../../auth.ts'
import { forward } from './forward.ts'

export const dynamic = 'force-dynamic'
export const maxDuration = 300

const handle = (request: NextRequest): Promise<Response> => forward(request, readSession)

export { handle as GET, handle as POST, handle as PUT, handle as PATCH, handle as DELETE }
