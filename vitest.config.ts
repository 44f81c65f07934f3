import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { asPattern, guardedFiles } from './backend/test/security/guarded-files.mjs'

export default defineConfig({
  test: {
    include: ['{shared,backend,frontend}/**/*.test.{ts,tsx,mjs}'],
    exclude: ['**/node_modules/**', '**/.next/**', 'frontend/e2e/**'],
    globalSetup: ['backend/test/prepare-run.ts'],
    // Two processes at a time even on two cores: tests wait more than they work.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Wide, because a busy machine is no failure; nothing asserts how long it took.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On when the launcher says so, with a folder for the report; it judges what comes out.
    coverage: { include: guardedFiles.map(asPattern), reporter: ['json'], reportOnFailure: true },
  },
})
