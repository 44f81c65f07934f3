import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import util from 'node:util'
import { LaunchError, root } from './launch.mjs'

const options = {
  port: { type: 'string' },
  'backend-port': { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
}

export const usage = (command) => `Usage: ${command} [-- options]

  --port N           where the web app listens (PORT, 3000)
  --backend-port N   where the backend listens (BACKEND_PORT, 8000)
  --host ADDRESS     on which address both listen (HOST, 127.0.0.1)
  --data-dir FOLDER  where everything is kept (NITRO_DATA_DIR, .nitro)

Further settings are environment variables; .env.example lists them, and a file .env is read when it is there.`

/** Lines of `.env` at the root stand in for variables that are not set. */
export function readEnvFile() {
  const path = join(root, '.env')
  if (!existsSync(path)) return
  for (const [name, value] of Object.entries(util.parseEnv(readFileSync(path, 'utf8')))) {
    if (!process.env[name]) process.env[name] = value
  }
}

/** What `npm start` and `npm run dev` can be told: an option wins over a variable, a variable over the default. */
export function readSettings(args, env) {
  const given = parse(args)
  if (given.help) return { help: true }
  const settings = {
    port: port('--port', 'PORT', 3000),
    backendPort: port('--backend-port', 'BACKEND_PORT', 8000),
    host: given.host || env.HOST || '127.0.0.1',
    dataDir: dataDirectory(given['data-dir'] || env.NITRO_DATA_DIR),
  }
  if (settings.port === settings.backendPort) {
    throw new LaunchError(`The web app and the backend cannot both listen on port ${settings.port}.`, 2)
  }
  return settings

  function port(option, variable, otherwise) {
    const value = given[option.slice(2)] || env[variable] || String(otherwise)
    if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535) return Number(value)
    throw new LaunchError(`${given[option.slice(2)] ? option : variable} must be a port number, not "${value}".`, 2)
  }
}

function parse(args) {
  try {
    return util.parseArgs({ args, options }).values
  } catch (error) {
    throw new LaunchError(`${error.message.split('. ')[0]}. Add --help to see the options.`, 2)
  }
}

/** As the backend reads it, but relative to the checkout wherever npm was called. */
export function dataDirectory(path = '.nitro') {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2))
  return isAbsolute(path) ? path : resolve(root, path)
}
