import './require-node.mjs'
import { underPinnedNode } from './install.mjs'
import { endWithSignals, launch } from './launch.mjs'
import { buildWebApp, generateDatabaseClient } from './prepare.mjs'
import { requireRoom, serve } from './serve.mjs'
import { readEnvFile, readSettings, usage } from './settings.mjs'
import { createStages } from './stages.mjs'

await launch(async () => {
  const stages = createStages()
  endWithSignals()
  await underPinnedNode(stages)
  readEnvFile()
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings.help) return void console.log(usage('npm start'))
  await requireRoom(settings)
  await generateDatabaseClient(stages)
  await buildWebApp(stages)
  return serve(stages, settings, { watch: false })
})
