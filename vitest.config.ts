import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{shared,backend,frontend}/**/*.test.{ts,tsx,mjs}'],
    exclude: ['**/node_modules/**', '**/.next/**', 'frontend/e2e/**'],
    // Wide, because a busy machine is no failure; nothing asserts how long it took.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
