import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli-error.ts'
import { readDataDir } from './config.ts'
import type { Output } from './output.ts'

interface RotateOptions {
  /** For a key that somebody else has: the old one is refused within seconds, and requests under way with it. */
  atOnce?: boolean
  dataDir?: string
  pause?: (seconds: number) => Promise<unknown>
}

/** Both sides look at their files every five seconds. */
const noticedSeconds = 12
/** What the old key signed last lives for a minute, and five seconds of difference between two clocks. */
const forgottenSeconds = 75

/** Gives the web app and the backend of this machine a new pair of keys, while both run. Cut short, it leaves both pairs good. */
export async function rotateWebKeys(output: Output, options: RotateOptions = {}): Promise<void> {
  const { atOnce = false, dataDir = readDataDir(), pause = (seconds) => sleep(seconds * 1000) } = options
  const [privateFile, publicFile] = ['web-private-key.pem', 'web-public-keys.pem'].map((name) =>
    join(dataDir, 'keys', name),
  ) as [string, string]
  if (!existsSync(privateFile) || !existsSync(publicFile)) {
    throw new CliError(
      'not_found',
      `There are no keys in ${dataDir}. Start NitroAGI once on this machine (npm start); keys that are set as variables are replaced where they are set.`,
    )
  }
  const pair = generateKeyPairSync('ed25519')
  const privateKey = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const publicKey = String(pair.publicKey.export({ type: 'spki', format: 'pem' }))
  if (!atOnce) {
    replace(publicFile, `${readFileSync(publicFile, 'utf8').trim()}\n${publicKey}`)
    output.remark('The backend learns the new key …')
    await pause(noticedSeconds)
  }
  replace(privateFile, privateKey)
  if (!atOnce) {
    output.remark('The web app signs with it; what the old one signed is still taken …')
    await pause(forgottenSeconds)
  }
  replace(publicFile, publicKey)
  output.result({ rotated: true }, () => 'The keys are replaced; the old one is refused within 5 seconds.')
}

/** Nobody ever reads half of it. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
