import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Output } from './output.ts'

/** Fresh secrets for a deployment, one line each, so that they can be pasted where variables are entered. */
export function createWebKeys(output: Output): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const line = (pem: string | Buffer) => String(pem).trim().replaceAll('\n', '\\n')
  const secrets = {
    NITRO_WEB_PRIVATE_KEY: line(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    NITRO_WEB_PUBLIC_KEY: line(publicKey.export({ type: 'spki', format: 'pem' })),
    NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
    NITRO_OPERATOR_KEY: randomBytes(32).toString('base64url'),
    NITRO_SECRET_KEY: randomBytes(32).toString('base64url'),
  }
  output.result(secrets, () =>
    Object.entries(secrets)
      .map(([name, value]) => `${name}="${value}"`)
      .join('\n'),
  )
}
