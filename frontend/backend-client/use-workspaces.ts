'use client'

import { useQuery } from '@tanstack/react-query'
import { Workspace } from '@nitroagi/shared/workspaces'
import { z } from 'zod'
import { request } from './request.ts'

const WorkspaceList = z.object({ items: z.array(Workspace) })

/** Those that one is a member of. */
export const useWorkspaces = () =>
  useQuery({ queryKey: ['workspaces'], queryFn: ({ signal }) => request('/workspaces', WorkspaceList, { signal }) })
