import type { NextRequest } from 'next/server'
import { NitroError } from '@nitroagi/shared/errors'
import { Account, SignUp } from '@nitroagi/shared/identity'
import { requestService } from '../../../../backend-client/service.ts'
import { getConfig } from '../../../../config.ts'
import { checkSameOrigin, readBody } from '../../backend/[...path]/rules.ts'
import { failureResponse } from '../../failure.ts'

export const dynamic = 'force-dynamic'

export async function POST(request: NextRequest): Promise<Response> {
  try {
    checkSameOrigin(request, getConfig().siteUrl)
    const wanted = SignUp.safeParse(parseJson(await readBody(request)))
    if (!wanted.success) {
      throw new NitroError('invalid_input', wanted.error.issues[0]?.message ?? 'Fill in the form first')
    }
    const account = await requestService('POST', '/api/v1/auth/sign-up', Account, wanted.data)
    return Response.json(account, { status: 201, headers: { 'cache-control': 'private, no-store' } })
  } catch (error) {
    return failureResponse(error)
  }
}

function parseJson(body: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch (cause) {
    throw new NitroError('bad_request', 'The request is not valid JSON', { cause })
  }
}
