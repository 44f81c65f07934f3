import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchError } from './launch.mjs'

/**
 * What the web app and the backend know each other by on one machine, as the variables of each; made once, readable by their owner
 * only. Keys are named as files, so that `nitro keys rotate` can replace them while both run.
 */
export function readKeys(dataDir, env) {
  const folder = join(dataDir, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const sessionSecret =
    env.NEXTAUTH_SECRET || keep(folder, 'session-secret', () => randomBytes(32).toString('base64url'))
  if (env.NITRO_WEB_PRIVATE_KEY_FILE) return { backend: {}, web: { NEXTAUTH_SECRET: sessionSecret } }
  if (env.NITRO_WEB_PRIVATE_KEY) {
    // One line in the environment, so that line breaks are written as \n there.
    const [privateKey, publicKey] = [env.NITRO_WEB_PRIVATE_KEY, env.NITRO_WEB_PUBLIC_KEY].map((key) =>
      key?.replaceAll('\\n', '\n'),
    )
    return {
      backend: { NITRO_WEB_PUBLIC_KEY: publicKey || publicKeyOf(privateKey) },
      web: { NITRO_WEB_PRIVATE_KEY: privateKey, NEXTAUTH_SECRET: sessionSecret },
    }
  }
  const publicKey = publicKeyOf(keep(folder, 'web-private-key.pem', createWebPrivateKey))
  // A rotation that was cut short leaves both keys there, which is right until the next one.
  if (!keep(folder, 'web-public-keys.pem', () => publicKey).includes(publicKey.trim())) {
    writeFileSync(join(folder, 'web-public-keys.pem'), publicKey, { mode: 0o600 })
  }
  return {
    backend: { NITRO_WEB_PUBLIC_KEY_FILE: join(folder, 'web-public-keys.pem') },
    web: { NITRO_WEB_PRIVATE_KEY_FILE: join(folder, 'web-private-key.pem'), NEXTAUTH_SECRET: sessionSecret },
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
