import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const identity = 'backend/src/identity'
const services = 'backend/src/services'
const http = 'backend/src/http'
const live = 'backend/src/live'
const database = 'backend/src/ports/database'
const memory = 'backend/src/ports/working-memory'
const outbound = 'backend/src/ports/outbound'
const proxy = 'frontend/app/api/backend/[...path]'

const named = (folder, names) => names.map((name) => `${folder}/${name}.ts`)

/** All that is written in a folder, so that a new file is guarded by itself. */
const allIn = (folder, but = []) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !but.includes(name))
    .map((name) => `${folder}/${name}`)

const tests = (names) => names.map((name) => `backend/test/${name}.test.ts`)

/**
 * The code that decides who gets in, what they see and what they spend. Each of its branches is taken by a test, and
 * `npm run test:mutation` changes it and asks whether a test notices. `tests` are those that go through a group, beside
 * those that stand next to its files.
 */
const groups = {
  auth: {
    files: [
      ...allIn(identity),
      ...named(services, ['accounts', 'account-care', 'account-links', 'account-letters', 'account-deletion']),
      ...named(services, ['sessions', 'second-factors', 'identities', 'api-keys', 'refused-credentials']),
      ...named(services, ['suspension', 'operator', 'installation', 'stored-secrets', 'arrivals', 'proof']),
      ...named(http, ['auth', 'body', 'renewal', 'request-path', 'routes']),
      ...named(http, ['accounts', 'account-care', 'account-deletion', 'api-keys', 'identities', 'installation']),
      ...named(http, ['operator', 'second-factor', 'sessions', 'stored-secrets', 'proof']),
      ...named('frontend', ['web-token', 'sign-in-steps', 'other-services', 'chosen-workspace']),
    ],
    tests: [
      'frontend/other-services.asked.test.ts',
      ...tests([
        'credentials',
        'first-account',
        'account-care',
        'account-deletion',
        'sessions',
        'second-factor',
        'identities',
        'keys-and-tickets',
        'reencryption',
        'security/doors',
        'http-server',
        'rights',
        'demanded-second-factor',
        'proof',
      ]),
    ],
  },
  ticket: {
    files: [
      `${services}/tickets.ts`,
      `${http}/tickets.ts`,
      `${http}/upload-origins.ts`,
      ...named(live, ['attach', 'audience', 'connection', 'handshake', 'pulse', 'read-frame', 'requests']),
    ],
    tests: tests(['keys-and-tickets', 'websocket', 'security/frames']),
  },
  tenancy: {
    files: [
      ...named(database, ['connection', 'role', 'pool', 'pglite', 'together', 'collection-access', 'failures']),
      ...named(services, ['members', 'workspaces', 'invitations', 'workspace-removal', 'collection-members']),
    ],
    tests: tests(['tenancy', 'access', 'workspaces', 'invitations', 'rights', 'security/matrix']),
  },
  outbound: {
    files: allIn(outbound, ['port.ts']),
    tests: tests(['security/outbound']),
  },
  limit: {
    files: [
      ...named(services, ['rate-limits', 'spending', 'spending-meter', 'metering']),
      `${http}/rate-limits.ts`,
      ...named(memory, ['guarded', 'meters', 'remote-meters']),
    ],
    tests: tests(['rate-limits', 'spending', 'working-memory']),
  },
  proxy: {
    files: allIn(proxy),
    tests: [],
  },
}

const isThere = (path) => existsSync(join(root, path))

/** A test beside a file of the group is named after it. */
const besides = (path) => [path.replace(/\.ts$/, '.test.ts')].filter(isThere)

/** By group: `files`, and the `tests` that go through them. */
export const guarded = Object.fromEntries(
  Object.entries(groups).map(([group, { files, tests }]) => {
    const gone = files.filter((path) => !isThere(path))
    if (gone.length > 0) throw new Error(`guarded-files.mjs names what is not there: ${gone.join(', ')}`)
    return [group, { files, tests: [...new Set([...files.flatMap(besides), ...tests.filter(isThere)])] }]
  }),
)

export const guardedFiles = Object.values(guarded).flatMap(({ files }) => files)

/** As a pattern that means this one file: brackets would be a choice of letters. */
export const asPattern = (path) => path.replace(/[[\]]/g, '?')
