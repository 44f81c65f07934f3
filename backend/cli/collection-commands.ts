import { ChunkProfile, CollectionAccess, CollectionRole } from '@nitroagi/shared/collections'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Client } from './client.ts'
import {
  cancelReindexing,
  changeCollection,
  type CollectionSettings,
  createCollection,
  deleteCollection,
  letIn,
  showCollections,
  showEmbeddingModels,
  showMembers,
  takeOut,
} from './collection-verbs.ts'
import type { Output } from './output.ts'

interface Context {
  client: () => Client
  output: () => Output
}

export function addCollections(program: Command, { client, output }: Context): void {
  const collections = program.command('collections').description('documents that are searched together, and by whom')
  collections
    .command('list', { isDefault: true })
    .description('those that you may read')
    .action(() => showCollections(client(), output()))
  withSettings(collections.command('create').description('make one').argument('<name>')).action(
    (name: string, given: CollectionSettings) => createCollection(client(), output(), name, given),
  )
  withSettings(
    collections
      .command('change')
      .description('change it; another model or passage size makes its documents anew in the background')
      .argument('<name>')
      .option('--rename <name>')
      .option('--wait', 'until all documents are made anew', false),
  ).action((name: string, given: CollectionSettings & { wait: boolean }) =>
    changeCollection(client(), output(), name, given),
  )
  collections
    .command('cancel-reindexing')
    .description('go on with the model and passage size of before a change whose documents are not all made anew')
    .argument('<name>')
    .option('--wait', 'until what was made anew already is made back', false)
    .action((name: string, given: { wait: boolean }) => cancelReindexing(client(), output(), name, given))
  collections
    .command('delete')
    .description('delete it with all its documents')
    .argument('<name>')
    .action((name: string) => deleteCollection(client(), output(), name))
  collections
    .command('models')
    .description('the embedding models that are set up')
    .action(() => showEmbeddingModels(client(), output()))
  addMembers(collections, { client, output })
}

function addMembers(collections: Command, { client, output }: Context): void {
  collections
    .command('members')
    .description('who was let in by name')
    .argument('<name>')
    .action((name: string) => showMembers(client(), output(), name))
  collections
    .command('let-in')
    .description('let somebody of the workspace in, or change what they may do')
    .argument('<name>')
    .argument('<email>')
    .addOption(new Option('--role <role>', 'what they may do').choices(CollectionRole.options).default('reader'))
    .action((name: string, email: string, given: { role: CollectionRole }) =>
      letIn(client(), output(), name, email, given.role),
    )
  collections
    .command('take-out')
    .description('let somebody in no more')
    .argument('<name>')
    .argument('<email>')
    .action((name: string, email: string) => takeOut(client(), output(), name, email))
}

const withSettings = (command: Command) =>
  command
    .option('--description <text>', 'what it is for')
    .addOption(new Option('--tags <list>', 'words to find it by, separated by commas').argParser(parseTags))
    .addOption(new Option('--access <who>', 'everybody of the workspace, or members').choices(CollectionAccess.options))
    .option('--model <name>', 'the embedding model; see: collections models')
    .addOption(new Option('--passage-size <n>', 'characters that a passage aims at').argParser(parseSize))
    .addOption(
      new Option('--context <what>', 'what is embedded in front of a passage').choices(
        ChunkProfile.shape.context.unwrap().options,
      ),
    )

const parseTags = (text: string): string[] =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean)

function parseSize(text: string): number {
  const parsed = ChunkProfile.shape.targetCharacters.safeParse(Number(text))
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('It must be a number from 200 to 4000.')
}
