'use client'

import { useQuery } from '@tanstack/react-query'
import { SystemInfo } from '@nitroagi/shared/modules'
import { request } from '../../backend-client/request.ts'

export function useSystem() {
  return useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => request('/system', SystemInfo, { signal }),
    staleTime: 60_000,
  })
}

/** True once it is certain that only nitro-offline answers here. */
export const isOffline = (system: SystemInfo | undefined): boolean =>
  system !== undefined && !system.models.some((model) => model.isLanguageModel)

/** Whether some module that is switched on can do it; false while nobody knows. */
export const isAble = (system: SystemInfo | undefined, capability: string): boolean =>
  system?.modules.some(({ isEnabled, capabilities }) => isEnabled !== false && capabilities.includes(capability)) ??
  false
