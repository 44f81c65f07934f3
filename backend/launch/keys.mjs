import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError } from './launch.mjs'

/** The secrets that the web app and the backend share on one machine; made once, readable by their owner only. */
export function readKeys(dataDir, env) {
  const folder = join(dataDir, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  // One line in the environment, so that line breaks are written as \n there.
  const privateKey =
    env.NITRO_WEB_PRIVATE_KEY?.replaceAll('\\n', '\n') || keep(folder, 'web-private-key.pem', createWebPrivateKey)
  return {
    webPrivateKey: privateKey,
    webPublicKey: env.NITRO_WEB_PUBLIC_KEY?.replaceAll('\\n', '\n') || publicKeyOf(privateKey),
    sessionSecret: env.NEXTAUTH_SECRET || keep(folder, 'session-secret', () => randomBytes(32).toString('base64url')),
  }
}

const createWebPrivateKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })

function publicKeyOf(privateKey) {
  try {
    return createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' })
  } catch {
    throw new LaunchError(
      'NITRO_WEB_PRIVATE_KEY (or keys/web-private-key.pem in the data folder) is not a private key in PEM form.',
    )
  }
}

function keep(folder, name, create) {
  const path = join(folder, name)
  try {
    // `wx`: of two starts at once, one writes and the other reads what it wrote.
    writeFileSync(path, create(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}
