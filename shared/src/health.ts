import { z } from 'zod'

export const DependencyHealth = z.object({
  status: z.enum(['ok', 'down']),
  latencyMs: z.number().nullable(),
  detail: z.string().nullable(),
})
export type DependencyHealth = z.infer<typeof DependencyHealth>

export const Health = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  timestamp: z.iso.datetime(),
  version: z.string(),
  dependencies: z.record(z.string(), DependencyHealth),
})
export type Health = z.infer<typeof Health>
