'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ModuleMetrics, type MetricsWindow } from '@nitroagi/shared/module-metrics'
import { request } from '../../backend-client/request.ts'

/** Of one module, or of all of them. */
export function useModuleMetrics(window: MetricsWindow, module?: string) {
  const query = new URLSearchParams({ window, ...(module === undefined ? {} : { module }) })
  return useQuery({
    queryKey: ['module-metrics', window, module ?? null],
    queryFn: ({ signal }) => request(`/modules/metrics?${query}`, ModuleMetrics, { signal }),
    placeholderData: keepPreviousData,
  })
}
