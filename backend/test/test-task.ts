import type { Task } from '../src/modules/module.ts'

/** A step's input for tests of modules; what it sets aside for models has no limit. */
export const testTask = (given: Partial<Task> & { question: string }): Task => ({
  history: [],
  evidence: { passages: [], facts: [] },
  model: undefined,
  collectionIds: undefined,
  attachments: [],
  reserve: () => ({ settle() {} }),
  ...given,
})
