import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { NitroError } from '@nitroagi/shared/errors'
import { authOptions, noteIntention } from '../../../../auth.ts'
import { getConfig } from '../../../../config.ts'
import { checkSameOrigin } from '../../backend/[...path]/rules.ts'
import { failureResponse } from '../../failure.ts'

/** Where forms of ours go; next-auth calls it a failure of its own when a link leads there. */
const sentForms = /^\/api\/auth\/callback\/(credentials|second-factor)$/
const leaving = /^\/api\/auth\/signin\/([a-z]{1,40})$/

async function handle(request: NextRequest, context: unknown): Promise<Response> {
  try {
    if (request.method !== 'POST' && sentForms.test(request.nextUrl.pathname)) {
      throw new NitroError('method_not_allowed', `This address does not take ${request.method}`)
    }
    const provider = leaving.exec(request.nextUrl.pathname)?.[1]
    if (request.method === 'POST' && provider !== undefined) {
      // next-auth would let anybody who finds out its token begin; what it says afterwards is too late for our note.
      checkSameOrigin(request, getConfig().siteUrl)
      const form = new URLSearchParams(await request.clone().text())
      await noteIntention(provider, form.get('connect') === 'yes')
    }
  } catch (error) {
    return failureResponse(error)
  }
  return NextAuth(authOptions())(request, context) as Promise<Response>
}

export { handle as GET, handle as POST }
