import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { measureBytes, readableOf, segmentsOf, segmentsOfPrefix } from './incoming.ts'
import type { ObjectStore } from './port.ts'
import { s3Failure } from './s3-failures.ts'

export interface S3Settings {
  bucket: string
  region: string
  /** Of a server that speaks S3's protocol; absent for Amazon's own. */
  endpoint?: string | undefined
  /** Absent: the machine's own role, or whatever else the SDK finds. */
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
  /** Where files are put that a parser reads. */
  downloadsDir: string
}

// S3 takes at most 10,000 parts and none below 5 MB but the last; two at once keep three in memory.
const partBytes = 8 * 1024 * 1024
const partsAtOnce = 2
const deletedAtOnce = 16
/** A process that was killed leaves its downloads here; older ones than this are swept. */
const abandonedMs = 24 * 60 * 60 * 1000
/** Outside of every workspace, because no key is without a slash. */
const checkedKey = 'nitro-health-check'

/** A bucket on Amazon S3, or on a server that speaks its protocol. Nothing of an object is seen before all of it is there. */
export function createS3ObjectStore(settings: S3Settings): ObjectStore {
  const { bucket, downloadsDir } = settings
  const client = connect(settings)
  let prepared: Promise<void> | undefined

  const keyOf = (key: string) => segmentsOf(key).join('/')

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw s3Failure(settings, error)
    }
  }

  const get = (key: string) =>
    attempt(async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(key) }))
      return Body as Readable
    })

  const remove = (key: string) =>
    attempt(async () => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))))

  return {
    async put(key, body, { maxBytes, signal }) {
      const target = keyOf(key)
      const { stream, stored } = measureBytes(maxBytes)
      const upload = new Upload({
        client,
        params: { Bucket: bucket, Key: target, Body: stream },
        partSize: partBytes,
        queueSize: partsAtOnce,
      })
      // The upload is not aborted itself: it then would not wait until the parts that it had sent are gone.
      const [sent, kept] = await Promise.allSettled([pipeline(readableOf(body), stream, { signal }), upload.done()])
      if (sent.status === 'rejected' && !isPrematureClose(sent.reason)) {
        if (kept.status === 'fulfilled') await remove(target)
        throw sent.reason
      }
      if (kept.status === 'rejected') throw s3Failure(settings, kept.reason)
      return stored()
    },

    get,

    delete: (key) => remove(keyOf(key)),

    async deleteAll(prefix) {
      const within = `${segmentsOfPrefix(prefix).join('/')}/`
      await attempt(async () => {
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: within })) {
          const keys = Contents.flatMap(({ Key }) => Key ?? [])
          // One by one: the call for many at once is what servers that speak this protocol differ most in.
          for (let from = 0; from < keys.length; from += deletedAtOnce) {
            await Promise.all(keys.slice(from, from + deletedAtOnce).map(remove))
          }
        }
      })
    },

    async openFile(key) {
      await (prepared ??= prepare(downloadsDir))
      const source = await get(key)
      const path = join(downloadsDir, randomUUID())
      const release = () => rm(path, { force: true })
      try {
        await pipeline(source, createWriteStream(path, { mode: 0o600 }))
      } catch (error) {
        await release()
        throw s3Failure(settings, error)
      }
      return { path, release }
    },

    link: (key, { seconds, name, mediaType }) =>
      attempt(() =>
        getSignedUrl(
          client,
          new GetObjectCommand({
            Bucket: bucket,
            Key: keyOf(key),
            ResponseContentType: mediaType,
            ResponseContentDisposition: `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
          }),
          { expiresIn: seconds },
        ),
      ),

    // Reading may be allowed where writing is not, so it writes.
    check: () =>
      attempt(
        async () => void (await client.send(new PutObjectCommand({ Bucket: bucket, Key: checkedKey, Body: 'ok' }))),
      ),

    close: () => client.destroy(),
  }
}

function connect({ region, endpoint, accessKeyId, secretAccessKey }: S3Settings): S3Client {
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
    // Many servers that speak this protocol do not know the newer checksums; what was stored is known by its SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

/** Says only that the other side of the pipe went first; that one knows why. */
const isPrematureClose = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

async function prepare(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const name of await readdir(dir)) {
    const path = join(dir, name)
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
    if (age > abandonedMs) await rm(path, { force: true })
  }
}
