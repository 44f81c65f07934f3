import { createRoute, z } from '@hono/zod-openapi'
import { ErrorEnvelope } from '@nitroagi/shared/errors'
import {
  Evaluation,
  EvaluationRun,
  GapQuery,
  GapReport,
  GoldenQuestion,
  GoldenQuestionList,
  ImportedGoldenQuestions,
  ImportGoldenQuestions,
  NewGoldenQuestion,
} from '@nitroagi/shared/evaluation'
import type { EvaluationService } from '../services/evaluation.ts'
import type { Gaps } from '../services/gaps.ts'
import { createRoutes, errorResponses, json, requires } from './routes.ts'

const common = { tags: ['Evaluation'], middleware: requires('knowledge') }
const params = z.object({ id: z.uuid() })
const questionParams = z.object({ id: z.uuid(), questionId: z.uuid() })
const responses = {
  403: json(ErrorEnvelope, 'Only owners and editors of the collection'),
  ...errorResponses,
}
const body = { body: { ...json(NewGoldenQuestion, 'The question, and where its answer stands'), required: true } }

const list = createRoute({
  ...common,
  method: 'get',
  path: '/{id}/golden-questions',
  summary: 'Questions whose answers are known to stand in a document',
  request: { params },
  responses: { 200: json(GoldenQuestionList, 'In the order in which they were added'), ...responses },
})

const add = createRoute({
  ...common,
  method: 'post',
  path: '/{id}/golden-questions',
  summary: 'Add a golden question',
  request: { params, ...body },
  responses: {
    201: json(GoldenQuestion, 'The new question'),
    409: json(ErrorEnvelope, 'It is there already'),
    ...responses,
  },
})

const importMany = createRoute({
  ...common,
  method: 'post',
  path: '/{id}/golden-questions/import',
  summary: 'Add golden questions from lines of JSON or from CSV',
  request: { params, body: { ...json(ImportGoldenQuestions, 'The lines'), required: true } },
  responses: { 200: json(ImportedGoldenQuestions, 'How many were added, and which lines were not'), ...responses },
})

const change = createRoute({
  ...common,
  method: 'put',
  path: '/{id}/golden-questions/{questionId}',
  summary: 'Change a golden question',
  request: { params: questionParams, ...body },
  responses: { 200: json(GoldenQuestion, 'As it is kept'), ...responses },
})

const remove = createRoute({
  ...common,
  method: 'delete',
  path: '/{id}/golden-questions/{questionId}',
  summary: 'Delete a golden question',
  request: { params: questionParams },
  responses: { 204: { description: 'Gone' }, ...responses },
})

const overview = createRoute({
  ...common,
  method: 'get',
  path: '/{id}/evaluation',
  summary: 'How well the collection is searched, and what has changed since the run before',
  request: { params },
  responses: { 200: json(Evaluation, 'The runs, and the newest against the one before'), ...responses },
})

const run = createRoute({
  ...common,
  method: 'post',
  path: '/{id}/evaluation/runs',
  summary: 'Ask the golden questions now',
  request: { params },
  responses: {
    202: json(EvaluationRun, 'It is being measured'),
    409: json(ErrorEnvelope, 'There is no question'),
    ...responses,
  },
})

/** Mounted at /api/v1/collections. */
export const evaluationRoutes = (evaluation: EvaluationService) =>
  createRoutes()
    .openapi(list, async (c) =>
      c.json({ items: await evaluation.questions(c.get('call'), c.req.valid('param').id) }, 200),
    )
    .openapi(add, async (c) =>
      c.json(await evaluation.add(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 201),
    )
    .openapi(importMany, async (c) =>
      c.json(await evaluation.import(c.get('call'), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(change, async (c) => {
      const { id, questionId } = c.req.valid('param')
      return c.json(await evaluation.change(c.get('call'), id, questionId, c.req.valid('json')), 200)
    })
    .openapi(remove, async (c) => {
      const { id, questionId } = c.req.valid('param')
      await evaluation.delete(c.get('call'), id, questionId)
      return c.body(null, 204)
    })
    .openapi(overview, async (c) => c.json(await evaluation.overview(c.get('call'), c.req.valid('param').id), 200))
    .openapi(run, async (c) => c.json(await evaluation.run(c.get('call'), c.req.valid('param').id), 202))

const gaps = createRoute({
  tags: ['Evaluation'],
  middleware: requires('knowledge'),
  method: 'get',
  path: '/',
  summary: 'What was asked and not answered well',
  request: { query: GapQuery },
  responses: {
    200: json(
      GapReport,
      'By similar wording, the most asked first; owners and admins see what two people asked or gave a thumb down',
    ),
    ...errorResponses,
  },
})

/** Mounted at /api/v1/gaps. */
export const gapRoutes = (service: Gaps) =>
  createRoutes().openapi(gaps, async (c) => c.json(await service.report(c.get('call'), c.req.valid('query')), 200))
