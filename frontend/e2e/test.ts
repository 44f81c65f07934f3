import { test as base } from '@playwright/test'
import { startModelServer, type ModelServer } from './model-server.ts'
import { createChatPage, type ChatPage } from './pages/chat-page.ts'
import { createKnowledgePage, type KnowledgePage } from './pages/knowledge-page.ts'
import { createSignUpPage, type SignUpPage } from './pages/sign-up-page.ts'
import { startApp, type RunningApp } from './running-app.ts'

type Fixtures = {
  app: RunningApp
  modelServer: ModelServer
  signUpPage: SignUpPage
  knowledgePage: KnowledgePage
  chatPage: ChatPage
}

export const test = base.extend<Fixtures>({
  app: async ({}, provide) => {
    const app = await startApp()
    await provide(app)
    await app.close()
  },
  modelServer: async ({}, provide) => {
    const server = await startModelServer()
    await provide(server)
    await server.close()
  },
  baseURL: async ({ app }, provide) => provide(app.url),
  signUpPage: async ({ page }, provide) => provide(createSignUpPage(page)),
  knowledgePage: async ({ page }, provide) => provide(createKnowledgePage(page)),
  chatPage: async ({ page }, provide) => provide(createChatPage(page)),
})

export { expect } from '@playwright/test'
