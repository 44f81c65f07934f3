import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { authOptions } from '../../../../auth.ts'

const handle = (request: NextRequest, context: unknown): Promise<Response> =>
  NextAuth(authOptions())(request, context) as Promise<Response>

export { handle as GET, handle as POST }
