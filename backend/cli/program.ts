import { Role, Scope, Tier } from '@nitroagi/shared/identity'
import { MetricsWindow } from '@nitroagi/shared/module-metrics'
import { Strategy } from '@nitroagi/shared/runs'
import { SourceKind } from '@nitroagi/shared/sources'
import { Installation } from '@nitroagi/shared/workspaces'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { text as readText } from 'node:stream/consumers'
import { ask, type AskOptions } from './ask.ts'
import { exportAudit, verifyAudit } from './audit.ts'
import { CliError } from './cli-error.ts'
import { createClient } from './client.ts'
import { addCollections } from './collection-commands.ts'
import { readConnection, readDataDir, readUrl, type ConnectionOptions } from './config.ts'
import { careForDatabase } from './database.ts'
import { doctor } from './doctor.ts'
import { deleteDocuments, documentVerbs, showDocuments, showPassages, treatDocuments } from './documents.ts'
import { importQuestions, runEvaluation, showEvaluation } from './evaluation.ts'
import { ingest } from './ingest.ts'
import { listModules, showModuleMetrics, testModule, turnModule } from './modules.ts'
import { setKeyTier } from './key-tiers.ts'
import { careForLearning, learningActions } from './learning.ts'
import { createOutput, reportFailure } from './output.ts'
import { careForRegistration, createKey, createUser, listUsers, suspendUser, type NewUser } from './people.ts'
import { rotateWebKeys } from './rotate-web-keys.ts'
import { search } from './search.ts'
import { createResetLink } from './reset-link.ts'
import { addSpending } from './spending.ts'
import { addSource, addText, listSources, type NewSource, removeSource, sourceVerbs, treatSource } from './sources.ts'
import { rotateSecrets, showSecrets } from './stored-secrets.ts'
import { createWebKeys } from './web-keys.ts'

const defaultCollection = 'Documents'

/** Runs one command line and gives its exit code. */
export async function runCli(args: string[]): Promise<number> {
  const json = args.includes('--json')
  try {
    await createProgram({ quiet: json }).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, json)
    if (error.exitCode === 0) return 0
    if (json) reportFailure(new CliError('usage', error.message.replace(/^error: /, '')), json)
    return 2
  }
}

export function createProgram({ quiet = false } = {}): Command {
  const program = new Command('nitro')
    .description('NitroAGI from the command line. It speaks to the running backend.')
    .option('--json', 'print the result as JSON')
    .option('--url <address>', 'the backend (NITRO_URL; otherwise this machine)')
    .option('--key <key>', 'an API key (NITRO_API_KEY; otherwise the operator key of this machine)')
    .option('--as <email>', 'with the operator key: whom to act for (otherwise the first owner)')
    .showHelpAfterError('(add --help to see what it takes)')
    .exitOverride()
  // Programs read one JSON object on stderr; words of the parser beside it would spoil that.
  if (quiet) program.configureOutput({ writeErr: () => {} })

  const options = () => program.opts<ConnectionOptions & { json?: boolean }>()
  const output = () => createOutput({ json: options().json ?? false })
  const client = () => createClient(readConnection(options()))

  program
    .command('ask')
    .description('ask a question and read the answer as it is written')
    .argument('<question>')
    .option('--collection <name>', 'answer from this collection only')
    .option('--model <name>', 'answer with this model')
    .addOption(new Option('--strategy <name>', 'how the steps combine').choices(Strategy.options))
    .addOption(new Option('--planner <who>', 'who plans the steps').choices(['rules', 'model']))
    .option('--conversation <id>', 'go on with this conversation')
    .option('--file <path>', 'show it a picture, or let it hear a recording; may be repeated', collect)
    .option('--trace', 'show how the answer came about')
    .action((question: string, given: AskOptions) => ask(client(), output(), question, given))

  program
    .command('ingest')
    .description('upload files, or folders of them; each line {id,title,text} of a .jsonl file becomes a document')
    .argument('<file...>')
    .option('--collection <name>', 'where to; it is made when it is not there', defaultCollection)
    .option('--wait', 'until all of them can be searched', false)
    .action((files: string[], given: { collection: string; wait: boolean }) => ingest(client(), output(), files, given))

  program
    .command('search')
    .description('search the documents')
    .argument('<query>')
    .addOption(new Option('--limit <n>', 'results at most').default(10).argParser(parseLimit))
    .option('--collection <name>', 'in this collection only')
    .action((query: string, given: { limit: number; collection?: string }) => search(client(), output(), query, given))

  addDocuments(program, { client, output })
  addCollections(program, { client, output })
  addSources(program, { client, output })
  addModules(program, { client, output })

  addEvaluation(program, { client, output })
  addLearning(program, { client, output })
  addSpending(program, { client, output })
  addPeople(program, { client, output })
  addSafety(program, { client, output })

  program
    .command('doctor')
    .description('look for what keeps it from working')
    .action(() => doctor(output(), { openClient: client, url: readUrl(options()), dataDir: readDataDir() }))

  const database = program.command('db').description('look after the database')
  database
    .command('status')
    .description('which migrations are applied and which are pending')
    .action(() => careForDatabase(client, readUrl(options()), output(), 'status'))
  database
    .command('migrate')
    .description('apply the pending migrations')
    .action(() => careForDatabase(client, readUrl(options()), output(), 'migrate'))

  return program
}

type Context = { client: () => ReturnType<typeof createClient>; output: () => ReturnType<typeof createOutput> }

function addDocuments(program: Command, { client, output }: Context): void {
  const documents = program.command('documents').description('list documents, and see to how they are read')
  documents
    .command('list')
    .description('the documents of a collection')
    .option('--collection <name>', 'which one', defaultCollection)
    .action((given: { collection: string }) => showDocuments(client(), output(), given.collection))
  const said = {
    pause: 'leave documents alone that are being read',
    resume: 'go on with paused documents where they were',
    retry: 'try documents once more that failed',
    reread: 'read documents again from their bytes; what was changed by hand is gone',
  }
  for (const verb of documentVerbs) {
    documents
      .command(verb)
      .description(said[verb])
      .argument('<id...>')
      .action((ids: string[]) => treatDocuments(client(), output(), verb, ids))
  }
  documents
    .command('passages')
    .description('how a document is cut into passages')
    .argument('<id>')
    .addOption(new Option('--page <number>', 'of this page only').argParser(parsePage))
    .action((id: string, given: { page?: number }) => showPassages(client(), output(), id, given.page))
  documents
    .command('delete')
    .description('delete documents with their passages')
    .argument('<id...>')
    .action((ids: string[]) => deleteDocuments(client(), output(), ids))
}

function addSources(program: Command, { client, output }: Context): void {
  const sources = program.command('sources').description('web pages, sites and feeds that documents come from')
  sources
    .command('list')
    .description('the sources of a collection, and how they are')
    .option('--collection <name>', 'which one', defaultCollection)
    .action((given: { collection: string }) => listSources(client(), output(), given.collection))
  sources
    .command('add')
    .description('fetch a page or file, a site from a page on, or a feed')
    .argument('<address>')
    .addOption(new Option('--kind <kind>', 'what it is').choices(SourceKind.options).default('url'))
    .option('--collection <name>', 'where to; it is made when it is not there', defaultCollection)
    .addOption(new Option('--every <hours>', 'fetch it again so often').argParser(parseCount))
    .addOption(new Option('--max-pages <n>', 'of a site: pages at most').argParser(parseCount))
    .option('--full-pages', 'of a feed: fetch the page behind each entry')
    .option('--wait', 'until it was fetched', false)
    .action((address: string, given: NewSource) => addSource(client(), output(), address, given))
  const said = { fetch: 'fetch it now', pause: 'leave it alone for now', resume: 'fetch it again as before' }
  for (const verb of sourceVerbs) {
    sources
      .command(verb)
      .description(said[verb])
      .argument('<id>')
      .action((id: string) => treatSource(client(), output(), verb, id))
  }
  sources
    .command('remove')
    .description('forget it; its documents stay')
    .argument('<id>')
    .option('--documents', 'delete its documents too', false)
    .action((id: string, given: { documents: boolean }) => removeSource(client(), output(), id, given.documents))
  sources
    .command('text')
    .description('take a text in as a document; without one it is read from standard input')
    .argument('<title>')
    .argument('[text]')
    .option('--collection <name>', 'where to; it is made when it is not there', defaultCollection)
    .action(async (title: string, text: string | undefined, { collection }: { collection: string }) =>
      addText(client(), output(), { title, text: text ?? (await readText(process.stdin)), collection }),
    )
}

function addModules(program: Command, { client, output }: Context): void {
  const modules = program.command('modules').description('what the modules are, and what they do')
  modules
    .command('list', { isDefault: true })
    .description('all of them, and which are on')
    .action(() => listModules(client(), output()))
  for (const [verb, isEnabled] of [['enable', true] as const, ['disable', false] as const]) {
    modules
      .command(verb)
      .description(isEnabled ? 'use it in new answers' : 'leave it out of new answers')
      .argument('<name>')
      .action((name: string) => turnModule(client(), output(), name, isEnabled))
  }
  modules
    .command('test')
    .description('try it on a small real task')
    .argument('<name>')
    .action((name: string) => testModule(client(), output(), name))
  modules
    .command('metrics')
    .description('how often they succeed, how long they take and what they cost')
    .addOption(new Option('--window <time>', 'how far back').choices(MetricsWindow.options).default('24h'))
    .action((given: { window: MetricsWindow }) => showModuleMetrics(client(), output(), given.window))
}

function addEvaluation(program: Command, { client, output }: Context): void {
  type Given = { collection: string }
  const evaluation = program.command('evaluation').description('how well a collection is searched')
  const inCollection = (command: Command) => command.option('--collection <name>', 'which one', defaultCollection)
  inCollection(evaluation.command('status', { isDefault: true }))
    .description('the last measurement, and the one before')
    .action((given: Given) => showEvaluation(client(), output(), given.collection))
  inCollection(evaluation.command('run'))
    .description('ask the golden questions now')
    .action((given: Given) => runEvaluation(client(), output(), given.collection))
  inCollection(evaluation.command('import'))
    .description('add golden questions from a .jsonl or .csv file')
    .argument('<file>')
    .action((file: string, given: Given) => importQuestions(client(), output(), file, given.collection))
}

function addLearning(program: Command, { client, output }: Context): void {
  const learning = program.command('learning').description('what was learned from thumbs up and down')
  const actions = {
    status: 'what is in effect, and the newest report',
    run: 'learn now, instead of tonight',
    on: 'learn, and answer by what was learned',
    off: 'answer by the starting weights and the rules, at once',
  }
  for (const action of learningActions) {
    learning
      .command(action, { isDefault: action === 'status' })
      .description(actions[action])
      .action(() => careForLearning(client(), output(), action))
  }
}

function addSafety(program: Command, { client, output }: Context): void {
  const audit = program.command('audit').description('the log of who changed what')
  audit
    .command('verify')
    .description('check that no entry was changed, taken out or put elsewhere')
    .option('--file <file>', 'an export, instead of the log of the backend')
    .option('--noted <hash>', 'the hash of an entry, noted earlier: it must still be there')
    .action((given: { file?: string; noted?: string }) => verifyAudit(client, output(), given))
  audit
    .command('export')
    .description('the whole log, an entry a line, oldest first')
    .option('--file <file>', 'where to write it, instead of the output')
    .action((given: { file?: string }) => exportAudit(client(), output(), given))
  const secrets = program
    .command('secrets')
    .description('the key that stored secrets are sealed with, for the operator')
  secrets
    .command('status', { isDefault: true })
    .description('how many each key of NITRO_SECRET_KEY has sealed')
    .action(() => showSecrets(client(), output()))
  secrets
    .command('rotate')
    .description('seal anew with the first key what another one has sealed')
    .action(() => rotateSecrets(client(), output()))
}

function addPeople(program: Command, { client, output }: Context): void {
  const user = program.command('user').description('accounts, for the operator')
  user
    .command('reset-link')
    .description('make a link that sets a new password, to be handed to whom the account belongs')
    .requiredOption('--email <email>')
    .action((given: { email: string }) => createResetLink(client(), output(), given.email))
  user
    .command('create')
    .description('make an account; without --workspace it gets one of its own')
    .requiredOption('--email <email>')
    .option('--password <password>', 'at least 12 characters; read from standard input when absent')
    .option('--name <name>')
    .option('--workspace <name>', 'the workspace to join; it is made when it is not there')
    .addOption(new Option('--role <role>', 'their role in that workspace').choices(Role.options))
    .action(async (given: Omit<NewUser, 'password'> & { password?: string }) => {
      const password = given.password ?? (await readText(process.stdin)).replace(/\r?\n$/, '')
      await createUser(client(), output(), { ...given, password })
    })
  user
    .command('list')
    .description('everybody in every workspace')
    .action(() => listUsers(client(), output()))
  user
    .command('suspend')
    .description('keep somebody out of every workspace; what they have stays')
    .argument('<email>')
    .action((email: string) => suspendUser(client(), output(), { email, suspended: true }))
  user
    .command('restore')
    .description('let somebody who was suspended in again')
    .argument('<email>')
    .action((email: string) => suspendUser(client(), output(), { email, suspended: false }))

  program
    .command('registration')
    .description('who may make an account: everybody, or those with an invitation; without a word, what holds now')
    .addArgument(new Argument('[mode]').choices(Installation.shape.registration.options))
    .action((mode?: Installation['registration']) => careForRegistration(client(), output(), mode))

  const key = program.command('key').description('API keys, for the operator')
  key
    .command('create')
    .description('make an API key; it is printed once')
    .requiredOption('--email <email>', 'whose key it is')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--scopes <list>', `of ${Scope.options.join(',')}`).argParser(parseScopes))
    .action((given: { email: string; name: string; scopes?: Scope[] }) => createKey(client(), output(), given))
  key
    .command('tier')
    .description('set how much a key may ask for')
    .argument('<key>', 'its id, or the beginning of it that lists show')
    .argument('<tier>', Tier.options.join(', '), parseTier)
    .action((named: string, tier: Tier) => setKeyTier(client(), output(), named, tier))

  const keys = program.command('keys').description('what the web app and the backend know each other by')
  keys
    .command('web')
    .description('print fresh secrets for a deployment as lines of an .env file')
    .action(() => createWebKeys(output()))
  keys
    .command('rotate')
    .description('replace the pair of this machine while both run, which takes a minute and a half')
    .option('--at-once', 'refuse the old key within seconds, because somebody else has it')
    .action((given: { atOnce?: boolean }) => rotateWebKeys(output(), given))
}

const collect = (value: string, before: string[] = []) => [...before, value]

function parseLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit
  throw new InvalidArgumentError('It must be a number from 1 to 100.')
}

function parsePage(text: string): number {
  const page = Number(text)
  if (Number.isInteger(page) && page >= 1) return page
  throw new InvalidArgumentError('It must be a page number.')
}

function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw new InvalidArgumentError('It must be a whole number from 1 on.')
}

function parseTier(text: string): Tier {
  const parsed = Tier.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(`It must be one of ${Tier.options.join(', ')}.`)
}

function parseScopes(text: string): Scope[] {
  const parsed = Scope.array()
    .min(1)
    .safeParse(text.split(',').map((scope) => scope.trim()))
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(`Name some of ${Scope.options.join(', ')}, separated by commas.`)
}
