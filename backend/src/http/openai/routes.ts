import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { NitroError } from '@nitroagi/shared/errors'
import type { Scope } from '@nitroagi/shared/identity'
import {
  ChatCompletion,
  ChatCompletionRequest,
  EmbeddingList,
  EmbeddingsRequest,
  OpenaiError,
  OpenaiModel,
  OpenaiModelList,
} from '@nitroagi/shared/openai'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { StatusCode } from 'hono/utils/http-status'
import type { Call } from '../../call.ts'
import type { Orchestrator } from '../../orchestrator/port.ts'
import type { Embedder } from '../../ports/embedder/port.ts'
import type { LanguageModels, NamedModel } from '../../ports/language-model/port.ts'
import { endWhenRefused } from '../renewal.ts'
import { createRoutes, json, requires, type Env } from '../routes.ts'
import { completeAsStream, completeAtOnce, type Completion } from './completions.ts'
import { answerDirectly } from './direct.ts'
import { embedTexts } from './embeddings.ts'
import { openaiFailureBody } from './errors.ts'
import { refuse } from './messages.ts'
import { answerOrchestrated } from './orchestrated.ts'

export interface OpenaiDependencies {
  orchestrator: Orchestrator
  models: LanguageModels
  embedder: Embedder
  /** How long a stream's status waits for the answer to begin; tests shorten it. */
  firstPieceMs?: number
}

/** `/v1/*` as OpenAI's clients expect it, to be mounted there. Nothing is stored: the client sends what was said. */
export function openaiRoutes({
  orchestrator,
  models,
  embedder,
  firstPieceMs = 10_000,
}: OpenaiDependencies): OpenAPIHono<Env> {
  const routes = createRoutes()

  routes.onError((error, c) => {
    // All else is answered as at every other door.
    if (!(error instanceof NitroError) || error.code !== 'spending_cap_reached') throw error
    // OpenAI answers an empty account so, and its clients heed this header instead of trying again at once.
    c.header('x-should-retry', 'false')
    return c.json(openaiFailureBody(error), 429)
  })

  routes.openapi(completionsRoute, async (c) => {
    const request = c.req.valid('json')
    const completion = begin(c, request, { orchestrator, models })
    try {
      if (request.stream) return (await completeAsStream(completion, firstPieceMs)) as never
      return c.json(await completeAtOnce(completion), 200)
    } catch (error) {
      const { signal } = completion.call
      if (signal.reason instanceof NitroError) throw signal.reason
      // The reader has left; there is nobody to tell, and nothing went wrong.
      if (signal.aborted) return c.body(null, clientClosedRequest) as never
      throw error
    }
  })

  const listed = async (): Promise<OpenaiModel[]> => {
    await models.refresh()
    return [
      ...models.list().map(({ id, provider }) => ({ id, object: 'model' as const, created: 0, owned_by: provider })),
      { id: embedder.id, object: 'model', created: 0, owned_by: 'nitro' },
    ]
  }
  routes.openapi(modelsRoute, async (c) => c.json({ object: 'list' as const, data: await listed() }, 200))
  // Names hold slashes, which some clients send as %2F and some as they are.
  routes.get('/models/:model{.+}', requires('read'), async (c) => {
    const name = c.req.param('model')
    const found = (await listed()).find((model) => model.id === name)
    if (!found) throw new NitroError('model_not_found', `There is no model ${name}`)
    return c.json(found, 200)
  })
  routes.openAPIRegistry.registerPath(modelRoute)

  routes.openapi(embeddingsRoute, async (c) => {
    const call = c.get('call')
    const signal = AbortSignal.any([call.signal, c.req.raw.signal])
    return c.json(await embedTexts(embedder, { ...call, signal }, c.req.valid('json')), 200)
  })
  return routes
}

/** Picks who answers, and joins everything that may end the answer into one signal. */
function begin(
  c: Context<Env>,
  request: ChatCompletionRequest,
  { orchestrator, models }: Pick<OpenaiDependencies, 'orchestrator' | 'models'>,
): Completion {
  const gone = new AbortController()
  // Whoever loses the right to ask in the middle of an answer is not answered on, nor is a provider paid for it.
  const outgoing = c.env?.outgoing
  const refuse = () => {
    // A stream that has begun can tell no status any more: it breaks off, and that ends the work as a reader's leaving does.
    if (outgoing?.headersSent) outgoing.destroy()
    else gone.abort(new NitroError('unauthenticated', 'This credential is not valid any more'))
  }
  outgoing?.once('close', endWhenRefused(c, refuse, 'chat'))
  const outer = c.get('call')
  const call = { ...outer, signal: AbortSignal.any([outer.signal, c.req.raw.signal, gone.signal]) }
  const direct = directModel(call, request, models)
  return {
    call,
    request,
    pieces: direct ? answerDirectly(direct, call, request) : answerOrchestrated(orchestrator, call, request),
    abort: (reason) => gone.abort(reason),
  }
}

/** A provider's own model speaks for itself, and so does the default one when the request needs a model's own skills. */
function directModel(call: Call, request: ChatCompletionRequest, models: LanguageModels): NamedModel | undefined {
  const isOurs = request.model === 'nitro-auto' || request.model === 'nitro-offline'
  const skill = neededSkill(request)
  if (isOurs && skill === undefined) return undefined
  const named = models.get(request.model, call)
  if (!named.info.isLanguageModel && skill !== undefined) {
    throw refuse(skill, `${named.info.id} is not a language model, so it has no use for ${skill}. Add a model key.`)
  }
  return named
}

/** What only a language model by itself can do; the field that asks for it. */
function neededSkill({ tools, messages, response_format: format }: ChatCompletionRequest): string | undefined {
  if (tools?.length) return 'tools'
  if (format && format.type !== 'text') return 'response_format'
  const callsTools = messages.some(
    (message) => message.role === 'tool' || (message.role === 'assistant' && message.tool_calls?.length),
  )
  return callsTools ? 'tool messages' : undefined
}

/** What proxies log for a reader that did not wait. */
const clientClosedRequest = 499 as StatusCode

/** Any one of these rights will do. */
const requiresOneOf = (...scopes: Scope[]) =>
  createMiddleware<Env>(async (c, next) => {
    const { actor } = c.get('call')
    if (!scopes.some((scope) => actor.scopes.includes(scope))) {
      throw new NitroError('forbidden', `This needs the "${scopes.join('" or the "')}" right`)
    }
    await next()
  })

const failures = {
  400: json(OpenaiError, 'The input is not valid'),
  401: json(OpenaiError, 'No valid credential'),
  404: json(OpenaiError, 'No such model'),
  429: json(OpenaiError, 'Too many requests; Retry-After says when to come back'),
}

const body = <Schema extends typeof ChatCompletionRequest | typeof EmbeddingsRequest>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
})

const completionsRoute = createRoute({
  method: 'post',
  path: '/chat/completions',
  tags: ['OpenAI-compatible'],
  summary: 'Answer a conversation, at once or as a stream of chunks',
  middleware: requires('chat'),
  request: { body: body(ChatCompletionRequest) },
  responses: {
    200: json(ChatCompletion, 'The answer; with `stream`, server-sent chunks that end with [DONE]'),
    ...failures,
  },
})

const modelsRoute = createRoute({
  method: 'get',
  path: '/models',
  tags: ['OpenAI-compatible'],
  summary: 'List the models that can be named in a request',
  middleware: requires('read'),
  responses: { 200: json(OpenaiModelList, 'The models'), ...failures },
})

const modelRoute = createRoute({
  method: 'get',
  path: '/models/{model}',
  tags: ['OpenAI-compatible'],
  summary: 'Describe one model',
  request: { params: z.object({ model: z.string() }) },
  responses: { 200: json(OpenaiModel, 'The model'), ...failures },
})

const embeddingsRoute = createRoute({
  method: 'post',
  path: '/embeddings',
  tags: ['OpenAI-compatible'],
  summary: 'Turn texts into vectors',
  middleware: requiresOneOf('knowledge', 'chat'),
  request: { body: body(EmbeddingsRequest) },
  responses: { 200: json(EmbeddingList, 'One vector for each text, in order'), ...failures },
})
