import { defineConfig } from 'vitest/config'

/** What `backend/launch/mutation.mjs` chose: tests in this process, over the embedded database. */
export default defineConfig({
  test: {
    include: JSON.parse(process.env['NITRO_MUTATION_TESTS'] ?? '[]') as string[],
    globalSetup: ['backend/test/prepare-run.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
