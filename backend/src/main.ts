import { NitroError } from '@nitroagi/shared/errors'
import { ConfigError, readConfig } from './config.ts'
import { DataDirError } from './data-dir.ts'
import { requireSecrets } from './identity/required-secrets.ts'

async function main(): Promise<void> {
  const config = readConfig(process.env)
  requireSecrets(config)
  // Read in only now, so that a wrong setting is told at once.
  const { serve } = await import('./serve.ts')
  await serve(config)
}

/** What the person at the terminal can mend is one sentence; anything else is ours, and comes with its stack. */
main().catch((error: unknown) => {
  // An adapter that cannot be opened says in a NitroError which setting to correct.
  const isTheirs = [ConfigError, DataDirError, NitroError].some((kind) => error instanceof kind) || isListenError(error)
  process.stderr.write(
    `${isTheirs ? sentence(error as Error) : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exit(error instanceof DataDirError ? error.exitCode : 1)
})

const isListenError = (error: unknown): error is NodeJS.ErrnoException & { port: number } =>
  error instanceof Error && 'syscall' in error && error.syscall === 'listen'

const sentence = (error: Error) =>
  isListenError(error) && error.code === 'EADDRINUSE'
    ? `Port ${error.port} is in use by another program. Stop it, or set BACKEND_PORT.`
    : error.message
