import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const eslint = new ESLint({ cwd: root })

/** The rules that a file of this text would break, were it at this path. */
async function broken(path: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: root + path })
  return result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? []
}

const imports = 'import-x/no-restricted-paths'

describe('a room may not import', () => {
  it.each([
    ['the frontend, from the backend', 'backend/src/services/x.ts', "import '../../../frontend/config.ts'"],
    ['the backend, from the frontend', 'frontend/features/chat/x.ts', "import '../../../backend/src/call.ts'"],
    ['either side, from shared', 'shared/src/x.ts', "import '../../backend/src/call.ts'"],
    ['an adapter, from a service', 'backend/src/services/x.ts', "import '../ports/database/pglite.ts'"],
    [
      'an adapter, from a module',
      'backend/src/modules/language/x.ts',
      "import '../../ports/language-model/offline.ts'",
    ],
    ['an adapter, from a route', 'backend/src/http/x.ts', "import '../ports/object-store/filesystem.ts'"],
    ['another module, from a module', 'backend/src/modules/language/x.ts', "import '../knowledge/knowledge.ts'"],
    ['the orchestrator, from a module', 'backend/src/modules/language/x.ts', "import '../../orchestrator/plan.ts'"],
    ['a service, from the orchestrator', 'backend/src/orchestrator/x.ts', "import '../services/runs.ts'"],
    ['a route, from a service', 'backend/src/services/x.ts', "import '../http/routes.ts'"],
    ['the wiring, from a service', 'backend/src/services/x.ts', "import '../compose.ts'"],
    ['another feature, from a feature', 'frontend/features/account/x.ts', "import '../chat/use-conversations.ts'"],
    ['a feature, from the design pieces', 'frontend/ui/x.ts', "import '../features/chat/use-conversations.ts'"],
    ['requests, from the design pieces', 'frontend/ui/x.ts', "import '../backend-client/request.ts'"],
    ['the backend, from the CLI', 'backend/cli/x.ts', "import '../src/config.ts'"],
    ['a launcher, from the product', 'backend/src/x.ts', "import '../launch/keys.mjs'"],
  ])('%s', async (_, path, text) => {
    expect(await broken(path, text)).toContain(imports)
  })
})

describe('a room may import', () => {
  it.each([
    ['a port file, from a service', 'backend/src/services/x.ts', "import '../ports/database/runs-port.ts'"],
    ['a service, from a route', 'backend/src/http/x.ts', "import '../services/runs.ts'"],
    ['the module contract, from a module', 'backend/src/modules/language/x.ts', "import '../module.ts'"],
    ['adapters, from the wiring', 'backend/src/compose.ts', "import './ports/object-store/filesystem.ts'"],
    ['the design pieces, from a feature', 'frontend/features/chat/x.ts', "import '../../ui/button.tsx'"],
    ['shared, from everywhere', 'backend/src/services/x.ts', "import '@nitroagi/shared/runs'"],
    ['shared, from the frontend', 'frontend/features/chat/x.ts', "import '@nitroagi/shared/runs'"],
  ])('%s', async (_, path, text) => {
    expect(await broken(path, text)).toEqual([])
  })
})

describe('a vendor package is known to the adapters of its port only', () => {
  it.each([
    ['backend/src/services/x.ts', "import 'pg'"],
    ['backend/src/orchestrator/x.ts', "import '@ai-sdk/openai'"],
    ['backend/src/ports/embedder/x.ts', "import 'pg'"],
    ['backend/src/jobs/x.ts', "import 'undici'"],
    ['backend/src/ports/language-model/x.ts', "import 'undici'"],
  ])('%s refuses %s', async (path, text) => {
    expect(await broken(path, text)).toContain('no-restricted-imports')
  })

  it.each([
    ['backend/src/ports/database/x.ts', "import 'pg'"],
    ['backend/src/ports/language-model/x.ts', "import '@ai-sdk/openai'"],
    ['backend/src/ports/outbound/x.ts', "import 'undici'"],
  ])('%s takes %s', async (path, text) => {
    expect(await broken(path, text)).toEqual([])
  })
})

it.each([
  ['a word on the console', 'backend/src/services/x.ts', "console.log('here')", 'no-console'],
  [
    'a look at the environment',
    'backend/src/services/x.ts',
    'export const key = process.env.KEY',
    'no-restricted-syntax',
  ],
  [
    'a look at the environment in a page',
    'frontend/ui/x.ts',
    'export const key = process.env.KEY',
    'no-restricted-syntax',
  ],
  [
    'a request past the ports',
    'backend/src/services/x.ts',
    "void fetch('https://example.org')",
    'no-restricted-globals',
  ],
  [
    'a request past the one client for addresses of others',
    'backend/src/ports/ocr/x.ts',
    "void fetch('https://example.org')",
    'no-restricted-globals',
  ],
  [
    'a request by hand',
    'backend/src/jobs/x.ts',
    "import { request } from 'node:https'\nvoid request('https://example.org')",
    'no-restricted-imports',
  ],
])('notices %s', async (_, path, text, rule) => {
  expect(await broken(path, text)).toContain(rule)
})
