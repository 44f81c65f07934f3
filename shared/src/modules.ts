import { z } from 'zod'

export const ModuleHealth = z.object({ status: z.enum(['ok', 'down']), detail: z.string().nullable() })
export type ModuleHealth = z.infer<typeof ModuleHealth>

export const ModuleManifest = z.object({
  name: z.string(),
  description: z.string(),
  capabilities: z.array(z.string()),
  cost: z.enum(['free', 'cheap', 'expensive']),
  latency: z.enum(['instant', 'fast', 'slow']),
  /** What it cannot work without, such as "a language model". */
  needs: z.array(z.string()),
})
export type ModuleManifest = z.infer<typeof ModuleManifest>

export const ModelInfo = z.object({
  id: z.string(),
  provider: z.string(),
  /** False for `nitro-offline`, which quotes and does not write. */
  isLanguageModel: z.boolean(),
})
export type ModelInfo = z.infer<typeof ModelInfo>

export const SystemInfo = z.object({
  version: z.string(),
  models: z.array(ModelInfo),
  defaultModel: z.string(),
  modules: z.array(ModuleManifest.extend({ health: ModuleHealth })),
})
export type SystemInfo = z.infer<typeof SystemInfo>
