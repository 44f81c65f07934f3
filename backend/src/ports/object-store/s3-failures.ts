import { NitroError } from '@nitroagi/shared/errors'

const fullCodes = ['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'InsufficientStorage']
const busyCodes = ['SlowDown', 'ServiceUnavailable', 'RequestTimeout', 'InternalError', 'TooManyRequests', 'Throttling']
const unreachableCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH']

/** What went wrong in a sentence that says what to do. The store's own words stay in the cause. */
export function s3Failure({ bucket, endpoint }: { bucket: string; endpoint?: string | undefined }, error: unknown) {
  if (error instanceof NitroError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const unavailable = (message: string, retryAfterSeconds?: number) =>
    new NitroError('unavailable', message, {
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })

  if (code === 'NoSuchBucket')
    return unavailable(`There is no bucket "${bucket}". Create it, or correct NITRO_S3_BUCKET.`)
  if (code === 'NoSuchKey' || code === 'NotFound' || status === 404)
    return new NitroError('not_found', 'The file is not in the object store', { cause: error })
  if (fullCodes.includes(code) || status === 507 || code === 'ENOSPC' || code === 'EDQUOT')
    return new NitroError('storage_full', 'There is no space left for files. Free some and try again.', {
      cause: error,
    })
  if (code === 'CredentialsProviderError' || code === 'CredentialsError')
    return unavailable('The object store needs a key. Set NITRO_S3_ACCESS_KEY_ID and NITRO_S3_SECRET_ACCESS_KEY.')
  if (status === 401 || status === 403)
    return unavailable(
      `The object store refused the key for "${bucket}" (${code}). Check NITRO_S3_ACCESS_KEY_ID, ` +
        'NITRO_S3_SECRET_ACCESS_KEY and what this key may do with the bucket: read, write, delete and list.',
    )
  if (code === 'PermanentRedirect' || code === 'AuthorizationHeaderMalformed' || status === 301)
    return unavailable(`The bucket "${bucket}" is in another region. Correct NITRO_S3_REGION.`)
  if (busyCodes.includes(code) || status === 429 || (status !== undefined && status >= 500))
    return unavailable('The object store is busy. Try again in a moment.', 5)
  if (unreachableCodes.includes(code) || code === 'TimeoutError')
    return unavailable(
      endpoint === undefined
        ? 'The object store cannot be reached. Check the network connection and NITRO_S3_REGION.'
        : `Nothing answers at ${endpoint}. Is the object store running? Check NITRO_S3_ENDPOINT.`,
      5,
    )
  return error
}
