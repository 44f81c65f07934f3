import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './running-app.ts'

const built = (name: string) => readFileSync(join(root, 'frontend/.next', name), 'utf8')

export const buildId = (): string => built('BUILD_ID').trim()

const routes = Object.entries(JSON.parse(built('app-path-routes-manifest.json')) as Record<string, string>)
  // Those that Next adds are shown in place of pages and have no address of their own.
  .filter(([, path]) => !path.startsWith('/_'))

/** Every page that the build has, as `/chat/[id]`: a new one is in the list by itself. */
export const builtPages: readonly string[] = routes
  .filter(([file]) => file.endsWith('/page') || file === '/page')
  .map(([, path]) => path)

/** Those behind signing in. */
export const privatePages: readonly string[] = routes
  .filter(([file]) => file.startsWith('/(app)/') && file.endsWith('/page'))
  .map(([, path]) => path)

/** Every other address that the build answers at, such as `/api/backend/[...path]`. */
export const builtRoutes: readonly string[] = routes.filter(([file]) => file.endsWith('/route')).map(([, path]) => path)
