import { NextResponse, type NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { NitroError } from '@nitroagi/shared/errors'
import { authOptions, noteIntention } from '../../../../auth.ts'
import { getConfig } from '../../../../config.ts'
import { checkSameOrigin } from '../../backend/[...path]/rules.ts'
import { failureResponse } from '../../failure.ts'
import { logError } from '../../../../log.ts'
import { checkService } from '../../../../other-services.ts'

/** Where forms of ours go; next-auth calls it a failure of its own when a link leads there. */
const sentForms = /^\/api\/auth\/callback\/(credentials|second-factor)$/
const leaving = /^\/api\/auth\/signin\/([a-z]{1,40})$/
const returning = /^\/api\/auth\/callback\/([a-z]{1,40})$/

/** Where the settings name a service and something else answers, nobody is sent there and nothing is taken from it. */
async function isItself(provider: string): Promise<boolean> {
  return checkService(provider).then(
    () => true,
    (error: unknown) => {
      logError('service-not-itself', error)
      return false
    },
  )
}

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
      if (!(await isItself(provider))) return Response.json({ url: '/sign-in?error=OAuthSignin' })
      await noteIntention(provider, form.get('connect') === 'yes')
    }
    const from = returning.exec(request.nextUrl.pathname)?.[1]
    if (from !== undefined && !(await isItself(from))) {
      return NextResponse.redirect(new URL('/sign-in?error=OAuthCallback', getConfig().siteUrl ?? request.url))
    }
  } catch (error) {
    return failureResponse(error)
  }
  return NextAuth(authOptions())(request, context) as Promise<Response>
}

export { handle as GET, handle as POST }
