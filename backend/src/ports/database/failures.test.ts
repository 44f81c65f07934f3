import { NitroError } from '@nitroagi/shared/errors'
import { describe, expect, it } from 'vitest'
import { isDeadlock, isForeignKeyViolation, isStatementLost, isUniqueViolation, translateFailures } from './failures.ts'

const failure = (code: unknown, message = 'failed', more: object = {}) =>
  Object.assign(new Error(message), code === undefined ? {} : { code }, more)
const translated = (error: unknown) =>
  translateFailures(() => Promise.reject(error)).catch((thrown: unknown) =>
    thrown instanceof NitroError ? thrown.code : thrown === error ? 'as it is' : 'something else',
  )

describe('a failure of the database', () => {
  it.each([
    ...['08000', '08006', '57P01', '57P03', '53300'],
    ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024'],
    ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'],
  ])('that it is not there (%s) is told as such, and when to try again', async (code) => {
    const error = failure(code)
    await expect(translateFailures(() => Promise.reject(error))).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 2,
      cause: error,
    })
  })

  it.each(['timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
    'that has no code is known by what it says: %s',
    async (message) => {
      expect(await translated(failure(undefined, message))).toBe('unavailable')
      expect(await translated(failure(undefined, 'anything else'))).toBe('as it is')
    },
  )

  it('for want of disk space says so', async () => {
    const error = failure('53100')
    const failing = translateFailures(() => Promise.reject(error))
    await expect(failing).rejects.toMatchObject({ code: 'storage_full', cause: error })
  })

  it.each(['23505', '42501', '108006', 'P1001x', 'xP1001', 'P2025', '153300', '53200', 5710, undefined])(
    'of another kind (%s) stays what it is, to be logged whole',
    async (code) => {
      expect(await translated(failure(code))).toBe('as it is')
    },
  )

  it('that is ours already, or no error at all, stays what it is', async () => {
    expect(await translated(new NitroError('conflict', 'Taken'))).toBe('conflict')
    expect(await translated('08006')).toBe('as it is')
  })

  it('is none when all goes well', async () => {
    expect(await translateFailures(async () => 42)).toBe(42)
  })
})

describe('a refusal of the database', () => {
  it('of a second row is known by its constraint where that is asked', () => {
    const taken = failure('23505', 'duplicate', { constraint: 'one_name' })
    expect([isUniqueViolation(taken), isUniqueViolation(taken, 'one_name')]).toEqual([true, true])
    expect(isUniqueViolation(taken, 'other')).toBe(false)
    expect(isUniqueViolation(failure('23505'), 'one_name')).toBe(false)
    for (const other of [failure('23503'), failure(undefined), '23505', { code: '23505' }, null])
      expect(isUniqueViolation(other)).toBe(false)
  })

  it.each([
    [isForeignKeyViolation, ['23503']],
    [isStatementLost, ['26000', '42P05']],
    [isDeadlock, ['40P01']],
  ])('is known by its code: %o', (is, codes) => {
    for (const code of ['23503', '26000', '42P05', '40P01', '23505', '']) {
      expect([code, is(failure(code))]).toEqual([code, codes.includes(code)])
      expect(is({ code })).toBe(false)
    }
    expect(is(failure(undefined))).toBe(false)
  })
})
