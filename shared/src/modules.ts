import { z } from 'zod'

export const ModuleHealth = z.object({
  status: z.enum(['ok', 'down']),
  detail: z.string().nullable(),
  /** Down until now; one call is finding out whether it is back. */
  isTrying: z.boolean().optional(),
})
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

/** A module as one workspace has it. */
export const ModuleState = ModuleManifest.extend({
  health: ModuleHealth,
  isEnabled: z.boolean(),
  /** Who turned it on or off last; null when nobody ever did. */
  lastChange: z.object({ by: z.string().nullable(), at: z.iso.datetime() }).nullable(),
})
export type ModuleState = z.infer<typeof ModuleState>

export const ModuleStateList = z.object({ items: z.array(ModuleState) })
export type ModuleStateList = z.infer<typeof ModuleStateList>

export const ChangeModule = z.strictObject({ isEnabled: z.boolean() })
export type ChangeModule = z.infer<typeof ChangeModule>

/** How a module is called in an address. */
export const ModuleName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is no name of a module')

/** What came of trying a module on a small real task. */
export const ModuleTestResult = z.object({
  module: z.string(),
  passed: z.boolean(),
  /** What was tried and what came of it, in a sentence. */
  detail: z.string(),
  durationMs: z.number(),
})
export type ModuleTestResult = z.infer<typeof ModuleTestResult>

export const ModelInfo = z.object({
  id: z.string(),
  provider: z.string(),
  /** False for `nitro-offline`, which quotes and does not write. */
  isLanguageModel: z.boolean(),
})
export type ModelInfo = z.infer<typeof ModelInfo>

/** What calls have shown of a model provider; counts are of the last half minute. */
export const ProviderState = z.object({
  provider: z.string(),
  /** `failing`: it is not asked for now; `trying`: one call finds out whether it is back. */
  status: z.enum(['ok', 'failing', 'trying']),
  calls: z.number().int(),
  failures: z.number().int(),
  active: z.number().int(),
  waiting: z.number().int(),
  /** Calls at once that it is given. */
  places: z.number().int().optional(),
  retryInSeconds: z.number().int().nullable(),
  /** What went wrong the last time, while it fails. */
  detail: z.string().nullable(),
  /** Since the start: calls by how they ended. */
  totals: z.object({ succeeded: z.number().int(), failed: z.number().int(), abandoned: z.number().int() }),
  /** How long models take to begin: nine of ten answers began within this; null until enough were measured. */
  models: z.array(z.object({ id: z.string(), firstDeltaMs: z.number().nullable(), measured: z.number().int() })),
})
export type ProviderState = z.infer<typeof ProviderState>

export const SystemInfo = z.object({
  version: z.string(),
  models: z.array(ModelInfo),
  defaultModel: z.string(),
  /** As the caller's workspace has them. */
  modules: z.array(ModuleManifest.extend({ health: ModuleHealth, isEnabled: z.boolean().optional() })),
  providers: z.array(ProviderState).optional(),
})
export type SystemInfo = z.infer<typeof SystemInfo>
