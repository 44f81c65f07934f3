import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError } from './cli-error.ts'

export interface Connection {
  url: string
  key: string
  /** Whom the operator acts for; nothing with an API key, which has an owner of its own. */
  actAs: string | undefined
}

export interface ConnectionOptions {
  url?: string
  key?: string
  as?: string
}

/** Where the backend is and with which key to speak to it; the only place where the CLI reads its environment. */
export function readConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv = process.env): Connection {
  const url = readUrl(options, env)
  const key = options.key || env['NITRO_API_KEY']
  if (key && options.as) throw new CliError('usage', '--as works with the operator key only, not with an API key', 2)
  if (key) return { url, key, actAs: undefined }
  const operatorKey = env['NITRO_OPERATOR_KEY'] || readOperatorKey(url, env)
  if (operatorKey) return { url, key: operatorKey, actAs: options.as }
  throw new CliError(
    'unauthenticated',
    isLocal(url)
      ? `There is no operator key in ${readDataDir(env)}. Start NitroAGI once on this machine (npm start), or give an API key with --key or NITRO_API_KEY.`
      : `Give an API key with --key or NITRO_API_KEY, or the operator key of ${url} with NITRO_OPERATOR_KEY.`,
  )
}

export function readUrl(options: ConnectionOptions, env: NodeJS.ProcessEnv = process.env): string {
  const url = options.url || env['NITRO_URL'] || `http://127.0.0.1:${env['BACKEND_PORT'] || 8000}`
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new CliError('usage', `"${url}" is not an address like http://127.0.0.1:8000`, 2)
  }
  return url.replace(/\/+$/, '')
}

export const readDataDir = (env: NodeJS.ProcessEnv = process.env): string => resolve(env['NITRO_DATA_DIR'] || '.nitro')

export const isLocal = (url: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(url)?.hostname ?? '')

// This machine's key opens this machine's backend and is shown to nobody else.
function readOperatorKey(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const path = join(readDataDir(env), 'keys', 'operator-key')
  return isLocal(url) && existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}
