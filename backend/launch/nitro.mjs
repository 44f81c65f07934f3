import './require-node.mjs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { underPinnedNode } from './install.mjs'
import { LaunchError, launch, root } from './launch.mjs'
import { generateDatabaseClient } from './prepare.mjs'
import { dataDirectory, readEnvFile } from './settings.mjs'
import { createStages } from './stages.mjs'

// Runs the CLI, or with `--script FILE` another TypeScript file of the checkout, in this very process. What it must
// prepare it tells on stderr, because stdout belongs to the command.
await launch(async () => {
  const stages = createStages(process.stderr)
  await underPinnedNode(stages)
  readEnvFile()
  process.env.NITRO_DATA_DIR = dataDirectory(process.env.NITRO_DATA_DIR)
  const script = takeScript()
  if (script) await generateDatabaseClient(stages)
  // npm changes into the checkout; file names on the command line are meant from where the person stands.
  else if (process.env.npm_lifecycle_event === 'nitro' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)
  await import(pathToFileURL(script ?? join(root, 'backend/cli/main.ts')).href)
  return process.exitCode
})

/** Takes `--script FILE` out of the arguments, so that the script finds its own where it expects them. */
function takeScript() {
  if (process.argv[2] !== '--script') return undefined
  const file = process.argv[3]
  if (!file) throw new LaunchError('--script needs the path of a TypeScript file.', 2)
  process.argv.splice(2, 2)
  return resolve(root, file)
}
