import { test as base } from '@playwright/test'
import { startMailServer, type MailServer } from './mail-server.ts'
import { startModelServer, type ModelServer } from './model-server.ts'
import { startApp, type RunningApp } from './running-app.ts'

type Shared = { mailServer: MailServer; modelServer: ModelServer; app: RunningApp }
type Servers = { mailUrl: string; modelUrl: string }

/** For journeys that go on where the one before ended: one app, with mail and a model, for the whole file. */
export const testOnOneApp = (
  settings: (servers: Servers) => Record<string, string>,
  webSettings: Record<string, string> = {},
) =>
  base.extend<object, Shared>({
    mailServer: [
      async ({}, provide) => {
        const server = await startMailServer()
        await provide(server)
        await server.close()
      },
      { scope: 'worker' },
    ],
    modelServer: [
      async ({}, provide) => {
        const server = await startModelServer()
        await provide(server)
        await server.close()
      },
      { scope: 'worker' },
    ],
    app: [
      async ({ mailServer, modelServer }, provide) => {
        const app = await startApp(webSettings, settings({ mailUrl: mailServer.url, modelUrl: modelServer.baseUrl }))
        await provide(app)
        await app.close()
      },
      { scope: 'worker', timeout: 180_000 },
    ],
    baseURL: async ({ app }, provide) => provide(app.url),
  })

export { expect } from '@playwright/test'
