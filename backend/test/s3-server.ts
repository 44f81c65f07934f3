import crypto from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'

/**
 * A server on loopback that speaks S3's protocol, with one bucket and a folder of its own. It is s3rver, and what that
 * leaves out: giving up an upload of several parts.
 */
export async function startS3Server({ bucket = 'nitro-test' } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'nitro-s3-'))
  const directory = join(folder, 'buckets')
  const s3rver = new S3rver({ silent: true, directory, configureBuckets: [{ name: bucket }] })
  await s3rver.configureBuckets()
  const handle = s3rver.callback()
  const server = createServer((request, response) => {
    const uploadId = /[?&]uploadId=([0-9a-f]+)/.exec(request.url ?? '')?.[1]
    if (request.method !== 'DELETE' || uploadId === undefined) return void handle(request, response)
    const parts = join(directory, bucket, '._S3rver_uploads', uploadId)
    void rm(parts, { recursive: true, force: true }).then(() => response.writeHead(204).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    folder,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    region: 'us-east-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// It makes the tokens of its listings with DES, which OpenSSL has put away; three times the same key is the same cipher.
const { createCipheriv, createDecipheriv } = crypto
const withTripleKey =
  (make: typeof createCipheriv | typeof createDecipheriv) => (name: string, key: Buffer, iv: Buffer) =>
    name === 'des' ? make('des-ede3-cbc', Buffer.concat([key, key, key]), iv) : make(name, key, iv)
Object.assign(crypto, {
  createCipheriv: withTripleKey(createCipheriv),
  createDecipheriv: withTripleKey(createDecipheriv),
})
