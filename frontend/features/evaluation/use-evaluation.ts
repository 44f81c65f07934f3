'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { CollectionList } from '@nitroagi/shared/collections'
import {
  Evaluation,
  EvaluationRun,
  GapReport,
  GoldenQuestion,
  GoldenQuestionList,
  ImportedGoldenQuestions,
  type ImportGoldenQuestions,
  type NewGoldenQuestion,
} from '@nitroagi/shared/evaluation'
import { DocumentPage, type Document } from '@nitroagi/shared/knowledge'
import { request } from '../../backend-client/request.ts'

const evaluationKey = (collectionId: string) => ['evaluation', collectionId]
const questionsKey = (collectionId: string) => ['golden-questions', collectionId]

/** While questions are being asked; nothing else tells of it. */
const pollMs = 1_500
/** Of so many documents one can be chosen. */
const documentPages = 5

/** Those that the caller may measure. */
export function useMeasurableCollections() {
  return useQuery({
    queryKey: ['collections'],
    queryFn: ({ signal }) => request('/collections', CollectionList, { signal }),
    select: ({ items }) => items.filter(({ role }) => role !== 'reader'),
  })
}

export function useEvaluation(collectionId: string) {
  const queries = useQueryClient()
  const queryKey = evaluationKey(collectionId)
  const path = `/collections/${collectionId}/evaluation`
  const state = useQuery({
    queryKey,
    queryFn: ({ signal }) => request(path, Evaluation, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.runs.some(({ status }) => status === 'running') ? pollMs : false),
  })
  const run = useMutation({
    mutationFn: () => request(`${path}/runs`, EvaluationRun, { method: 'POST' }),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
  return {
    state,
    run,
    isRunning: run.isPending || Boolean(state.data?.runs.some(({ status }) => status === 'running')),
  }
}

export function useGoldenQuestions(collectionId: string) {
  const queries = useQueryClient()
  const path = `/collections/${collectionId}/golden-questions`
  const queryKey = questionsKey(collectionId)
  const onSuccess = () => queries.invalidateQueries({ queryKey })
  const list = useQuery({ queryKey, queryFn: ({ signal }) => request(path, GoldenQuestionList, { signal }) })
  const save = useMutation({
    mutationFn: ({ id, ...body }: NewGoldenQuestion & { id?: string | undefined }) =>
      request(id ? `${path}/${id}` : path, GoldenQuestion, { method: id ? 'PUT' : 'POST', body }),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => request(`${path}/${id}`, z.unknown(), { method: 'DELETE' }),
    onSuccess,
  })
  const importMany = useMutation({
    mutationFn: (body: ImportGoldenQuestions) =>
      request(`${path}/import`, ImportedGoldenQuestions, { method: 'POST', body }),
    onSuccess,
  })
  return { list, save, remove, importMany }
}

/** The newest documents of a collection, by name. */
export function useDocumentChoice(collectionId: string) {
  return useQuery({
    queryKey: ['document-choice', collectionId],
    async queryFn({ signal }) {
      const documents: Document[] = []
      let cursor: string | null = null
      for (let read = 0; read < documentPages && (read === 0 || cursor !== null); read++) {
        const query = new URLSearchParams({ limit: '200', ...(cursor === null ? {} : { cursor }) })
        const page: { items: Document[]; nextCursor: string | null } = await request(
          `/collections/${collectionId}/documents?${query}`,
          DocumentPage,
          { signal },
        )
        documents.push(...page.items)
        cursor = page.nextCursor
      }
      return documents.toSorted((one, other) => one.name.localeCompare(other.name))
    },
  })
}

export function useGaps() {
  return useQuery({ queryKey: ['gaps'], queryFn: ({ signal }) => request('/gaps', GapReport, { signal }) })
}
