import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { node, root } from './running-app.ts'

/** An OpenAI-compatible server on this machine; what its model does is said in the file that is started here. */
export type ModelServer = { baseUrl: string; close: () => Promise<void> }

export async function startModelServer(): Promise<ModelServer> {
  const server = spawn(node, [join(root, 'backend/test/model-server-main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = createInterface({ input: server.stdout })
  const [baseUrl] = (await Promise.race([
    once(said, 'line'),
    once(server, 'exit').then(() => Promise.reject(new Error('The model server ended before it said its address'))),
  ])) as [string]
  return {
    baseUrl,
    async close() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const exited = once(server, 'exit')
      server.kill('SIGTERM')
      await exited
    },
  }
}
