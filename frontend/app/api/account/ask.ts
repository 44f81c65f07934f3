import type { NextRequest } from 'next/server'
import { NitroError } from '@nitroagi/shared/errors'
import type { z } from 'zod'
import { requestService } from '../../../backend-client/service.ts'
import { getConfig } from '../../../config.ts'
import { checkSameOrigin, readBody } from '../backend/[...path]/rules.ts'
import { failureResponse } from '../failure.ts'

type Question<Wanted, Answer> = { path: string; takes: z.ZodType<Wanted>; gives: z.ZodType<Answer>; status?: number }

/** A question of a page that nobody has signed in to: the web app asks the backend for it, as itself. */
export const askAsWebApp =
  <Wanted, Answer>({ path, takes, gives, status = 200 }: Question<Wanted, Answer>) =>
  async (request: NextRequest): Promise<Response> => {
    try {
      checkSameOrigin(request, getConfig().siteUrl)
      const wanted = takes.safeParse(parseJson(await readBody(request)))
      if (!wanted.success) {
        throw new NitroError('invalid_input', wanted.error.issues[0]?.message ?? 'Fill in the form first')
      }
      const answer = await requestService('POST', path, gives, wanted.data)
      return Response.json(answer ?? {}, { status, headers: { 'cache-control': 'private, no-store' } })
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
