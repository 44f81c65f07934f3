import { existsSync, readdirSync } from 'node:fs'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const root = import.meta.dirname
const tests = ['**/*.test.{ts,tsx,mjs}', '**/contract.ts', 'backend/test/**', 'frontend/e2e/**']
const configFiles = [
  '*.{ts,mjs}',
  '*/*.config.{ts,mjs}',
  '*/src/config.ts',
  '*/config.ts',
  '*/cli/config.ts',
  'backend/src/{main,migrate-main}.ts',
]

// Which room may import which; docs/architecture.md shows it as a picture. Tests may import everything.

const foldersIn = (path) =>
  existsSync(`${root}/${path}`)
    ? readdirSync(`${root}/${path}`, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? entry.name : [],
      )
    : []

/** Of everything under `within`, the files of `room` may import themselves and what is in `allowed`. */
const zone = (room, within, allowed) => ({
  target: `./${room}`,
  from: `./${within}/**/*`,
  except: [...new Set([`${room}/**`, ...allowed])].map((path) => `**/${path}`),
  message: `${room} may import only: ${[...allowed, 'itself'].join(', ')}.`,
})

const foundations = [
  'call',
  'log',
  'config',
  'metrics',
  'questions',
  'sentences',
  'statements',
  'terms',
  'word-shares',
  'document-title',
].map((name) => `backend/src/${name}.ts`)
const ports = ['backend/src/ports/*/port.ts', 'backend/src/ports/*/*-port.ts']
const moduleContract = 'backend/src/modules/module.ts'
// The product's verbs and what they are made of: who one is, how a run lives, how a document is read.
const verbs = ['services', 'identity', 'runs', 'ingestion']
const verbRooms = verbs.map((room) => `backend/src/${room}/**`)

const backendRooms = {
  http: [...verbRooms, 'backend/src/live/**', 'backend/src/orchestrator/port.ts', moduleContract, ...ports],
  live: [...verbRooms, 'backend/src/http/**', ...ports],
  jobs: [...verbRooms, ...ports],
  ...Object.fromEntries(
    verbs.map((room) => [room, [...verbRooms, 'backend/src/orchestrator/**', moduleContract, ...ports]]),
  ),
  orchestrator: [moduleContract, ...ports],
  ...Object.fromEntries(
    // What modules share stands beside the contract: how a citation is found, how a call is paid for.
    foldersIn('backend/src/modules').map((name) => [`modules/${name}`, ['backend/src/modules/*.ts', ...ports]]),
  ),
  ...Object.fromEntries(foldersIn('backend/src/ports').map((name) => [`ports/${name}`, ports])),
  // Jobs are kept in the same database, so that they share its one connection.
  'ports/job-queue': ['backend/src/ports/database/*.ts', ...ports],
}

const frontRoots = ['frontend/*.ts']
const frontendRooms = {
  ui: [],
  'backend-client': frontRoots,
  ...Object.fromEntries(
    foldersIn('frontend/features').map((name) => [
      `features/${name}`,
      [...frontRoots, 'frontend/ui/**', 'frontend/backend-client/**'],
    ]),
  ),
}

const zones = [
  { target: './shared', from: ['./backend', './frontend'], message: 'shared runs anywhere and knows neither side.' },
  { target: './frontend', from: './backend', message: 'The frontend speaks to the backend over HTTP only.' },
  { target: './backend', from: './frontend', message: 'The backend never imports the frontend.' },
  {
    target: './backend/cli',
    from: './backend/src',
    message: 'The CLI is a client of the API; it shares only shared/.',
  },
  {
    target: './backend/src',
    from: ['./backend/cli', './backend/test', './backend/launch'],
    message: 'Product code imports neither.',
  },
  ...Object.entries(backendRooms).map(([room, allowed]) =>
    zone(`backend/src/${room}`, 'backend/src', [...foundations, ...allowed]),
  ),
  ...Object.entries(frontendRooms).map(([room, allowed]) => zone(`frontend/${room}`, 'frontend', allowed)),
]

// A vendor's package is known to the adapters of one port.
const vendors = {
  database: ['pg', 'pg-boss', '@electric-sql/*', '@neondatabase/*', '@prisma/*', 'pglite-prisma-adapter'],
  'job-queue': ['pg-boss', '@electric-sql/*', 'pg'],
  'language-model': ['@ai-sdk/openai', '@ai-sdk/anthropic', '@ai-sdk/google', '@ai-sdk/openai-compatible'],
  embedder: [
    '@energetic-ai/*',
    '@ai-sdk/openai',
    '@ai-sdk/google',
    '@ai-sdk/openai-compatible',
    'onnxruntime-web',
    '@huggingface/tokenizers',
  ],
  'working-memory': ['@redis/*', '@upstash/*'],
  ocr: ['tesseract.js', '@tesseract.js-data/*'],
  'object-store': ['@aws-sdk/*'],
  outbound: ['undici', 'ipaddr.js'],
  reranker: [],
  mail: ['nodemailer'],
}
const vendorsExceptOf = (port) => {
  const own = vendors[port] ?? []
  const foreign = [...new Set(Object.values(vendors).flat())].filter((name) => !own.includes(name))
  return [
    'error',
    {
      patterns: [{ group: foreign, message: 'Only the adapters of its port may know this package.' }],
      paths: clients.map((name) => ({ name, importNames: ['request', 'get', 'Agent', 'default'], message: wayOut })),
    },
  ]
}

// Whoever reaches the outside world does so as an adapter, where it can be replaced and watched; an address that
// somebody else chose is fetched by the one client that looks where it leads.
const wayOut = 'Reach the outside world through a port: ports/outbound for addresses of others.'
const clients = ['node:http', 'node:https', 'node:http2', 'http', 'https', 'http2']
const globalClients = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'].map((name) => ({ name, message: wayOut }))
/** Ports whose adapters speak to the one server that the operator set up. */
const speakingPorts = ['language-model', 'embedder', 'reranker', 'working-memory', 'database']

const noEnvironment = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'The environment is read in config.ts only.',
}

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/.next/**',
      '**/generated/**',
      '.nitro/**',
      '**/next-env.d.ts',
      '**/test-results/**',
    ],
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.base],
    plugins: { 'import-x': importX },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    settings: { 'import-x/resolver-next': [createNodeResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: root, zones }],
      'import-x/no-duplicates': 'error',
      'import-x/no-self-import': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noEnvironment],
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-debugger': 'error',
      'no-empty': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-unreachable': 'error',
      'no-throw-literal': 'error',
    },
  },
  {
    files: ['backend/src/**/*.ts'],
    rules: {
      'no-restricted-imports': vendorsExceptOf(undefined),
      'no-restricted-globals': ['error', ...globalClients],
    },
  },
  ...Object.keys(vendors).map((port) => ({
    files: [`backend/src/ports/${port}/**/*.ts`],
    rules: {
      'no-restricted-imports': vendorsExceptOf(port),
      ...(speakingPorts.includes(port) ? { 'no-restricted-globals': 'off' } : {}),
    },
  })),
  {
    files: ['frontend/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['backend/cli/**', 'backend/launch/**', 'backend/src/log.ts', 'frontend/log.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['backend/launch/**', ...configFiles], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: tests,
    rules: {
      'no-console': 'off',
      'no-restricted-syntax': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-globals': 'off',
      'import-x/no-restricted-paths': 'off',
    },
  },
)
