import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e/journeys',
  outputDir: 'test-results',
  // One after the other: each starts a backend and a web app of its own.
  workers: 1,
  timeout: 420_000,
  expect: { timeout: 45_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not start as root, which is what a container is.
      args: ['--no-sandbox', '--use-fake-device-for-media-stream'],
    },
  },
})
