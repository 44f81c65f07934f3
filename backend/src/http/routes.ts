import type { HttpBindings } from '@hono/node-server'
import { OpenAPIHono, type z } from '@hono/zod-openapi'
import { ErrorEnvelope, NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import { createMiddleware } from 'hono/factory'
import type { Actor, Call } from '../call.ts'

export interface Env {
  /** `call` is set by the authentication in front of every route; a route without it cannot be reached. */
  Variables: {
    call: Call
    requestId: string
    /** See `Identified`; absent where a credential is good for one request. */
    renew?: (() => Promise<Actor>) | undefined
    /** The browser's address as the web app saw it; set on its own calls alone. */
    clientAddress?: string | undefined
    /** What the browser says it is; the same. */
    clientAgent?: string | undefined
    /** SHA-256 of the one body that the credential is good for, base64url. */
    bodyHash?: string | undefined
  }
  Bindings: HttpBindings
}

const issuesAtMost = 20
const brief = (text: string) => (text.length > 500 ? `${text.slice(0, 499)}…` : text)

/** Routes that parse with the shared schemas and say what was wrong in one sentence. */
export const createRoutes = () =>
  new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (result.success) return
      // Names and values of who asks are in them: an answer is not to grow with what was sent.
      const issues = result.error.issues.slice(0, issuesAtMost).map((issue) => ({
        path: brief(issue.path.map(String).join('.')),
        message: brief(issue.message),
      }))
      // What does not fit has a reason at the least.
      const { path, message } = issues[0]!
      throw new NitroError('invalid_input', path ? `${path}: ${message}` : message, { details: issues })
    },
  })

/** Refuses a credential without this scope, before the body is read. Sessions hold every scope of their role. */
export const requires = (scope: Scope) =>
  createMiddleware<Env>(async (c, next) => {
    const { actor } = c.get('call')
    if (!actor.scopes.includes(scope)) throw new NitroError('forbidden', `This needs the "${scope}" right`)
    await next()
  })

export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** The error answers that every route can give, for the OpenAPI document. */
export const errorResponses = {
  400: json(ErrorEnvelope, 'The input is not valid'),
  401: json(ErrorEnvelope, 'No valid credential'),
  404: json(ErrorEnvelope, 'Not found, or not yours'),
  429: json(ErrorEnvelope, 'Too many requests; Retry-After says when to come back'),
}
