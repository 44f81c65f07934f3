'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ModuleState, ModuleStateList, ModuleTestResult } from '@nitroagi/shared/modules'
import { request } from '../../backend-client/request.ts'

const queryKey = ['modules']

export function useModules() {
  return useQuery({ queryKey, queryFn: ({ signal }) => request('/modules', ModuleStateList, { signal }) })
}

/** Turns one module on or off, and tries it. */
export function useModule(name: string) {
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: (isEnabled: boolean) =>
      request(`/modules/${name}`, ModuleState, { method: 'PATCH', body: { isEnabled } }),
    onSuccess: async (changed) => {
      queries.setQueryData<ModuleStateList>(queryKey, (list) =>
        list ? { items: list.items.map((module) => (module.name === name ? changed : module)) } : list,
      )
      // What the chat offers depends on it.
      await queries.invalidateQueries({ queryKey: ['system'] })
    },
  })
  const test = useMutation({
    mutationFn: () => request(`/modules/${name}/test`, ModuleTestResult, { method: 'POST' }),
  })
  return { change, test }
}
