import { describe, expect, it } from 'vitest'
import type { Meter } from './port.ts'
import { createRemoteMeters } from './remote-meters.ts'
import type { Command } from './remote.ts'

const meters: Meter[] = [
  { name: 'key:k', atMost: 100, windowSeconds: 3_600, atOnce: 5 },
  { name: 'workspace', atMost: 1_000, windowSeconds: 60, atOnce: null },
]

/** What a Redis would be told, and what it says to that. */
function open(...replies: (unknown | Error)[]) {
  const told: Command[] = []
  const run = async (command: Command) => {
    told.push(command)
    const reply = replies.shift()
    if (reply instanceof Error) throw reply
    return reply
  }
  return { told, remote: createRemoteMeters(run, { now: () => 5_000 }) }
}

const nothingRefused = [0, 0, 1, 1, 9_000, 4, 0, 8_000]
const lost = new Error('NOSCRIPT No matching script. Please use EVAL.')

it('counts under names that begin with the workspace, by limits in the order of the meters', async () => {
  const { told, remote } = open(nothingRefused)
  expect(await remote.take('w', meters, 'lease')).toEqual({
    refused: undefined,
    readings: [
      { spent: 1, underWay: 1, nextFreeAtMs: 9_000 },
      { spent: 4, underWay: 0, nextFreeAtMs: 8_000 },
    ],
  })
  const [name, hash, ...rest] = told[0]!
  expect([name, hash]).toEqual(['EVALSHA', expect.stringMatching(/^[0-9a-f]{40}$/)])
  expect(rest).toEqual([
    ...['4', 'w:spent:key:k', 'w:under-way:key:k', 'w:spent:workspace', 'w:under-way:workspace'],
    ...['5000', 'lease', '90000', '12'],
    ...['100', '300000', '5'],
    ...['1000', '5000', '-1'],
  ])
})

it('says which meter refused, and whether there is nothing left or no place', async () => {
  const { remote } = open([1, 1, ...nothingRefused.slice(2)], ['2', '2', ...nothingRefused.slice(2)])
  expect((await remote.take('w', meters, 'l')).refused).toEqual({ meter: 0, by: 'window' })
  expect((await remote.take('w', meters, 'l')).refused).toEqual({ meter: 1, by: 'at-once' })
})

it.each([
  ['nothing', undefined],
  ['OK', 'OK'],
  ['a number', 0],
  ['an empty list', []],
  ['one reading too few', nothingRefused.slice(0, 5)],
  ['one number too many', [...nothingRefused, 0]],
  ['words', nothingRefused.map(() => 'queued')],
  ['one word', [0, 0, 1, 1, 9_000, 4, 'x', 8_000]],
])('takes %s for no permission', async (_, reply) => {
  const { remote } = open(reply)
  await expect(remote.take('w', meters, 'lease')).rejects.toThrow('something else than the script does')
})

it('tells a Redis that was restarted the script once more, and any other failure is one', async () => {
  const { told, remote } = open(lost, nothingRefused)
  expect((await remote.take('w', meters, 'lease')).refused).toBeUndefined()
  const [first, second] = told as [Command, Command]
  expect([second[0], second.slice(2)]).toEqual(['EVAL', first.slice(2)])
  expect(second[1]).toContain('HINCRBY')
  for (const failure of [new Error('LOADING'), new Error('READONLY')]) {
    const failing = open(failure, nothingRefused)
    await expect(failing.remote.take('w', meters, 'lease')).rejects.toBe(failure)
    expect(failing.told).toHaveLength(1)
  }
  const odd = createRemoteMeters(() => Promise.reject('NOSCRIPT'))
  await expect(odd.take('w', meters, 'lease')).rejects.toBe('NOSCRIPT')
})

describe('a place', () => {
  it('is held for ninety seconds from now, and given up without a time', async () => {
    const { told, remote } = open(1, 1)
    await remote.hold('w', ['key:k', 'workspace'], 'lease')
    await remote.release('w', ['key:k'], 'lease')
    expect(told.map(([, , ...rest]) => rest)).toEqual([
      ['2', 'w:under-way:key:k', 'w:under-way:workspace', 'lease', '95000', '90000'],
      ['1', 'w:under-way:key:k', 'lease', '', '90000'],
    ])
    expect(new Set(told.map(([, hash]) => hash)).size).toBe(1)
  })
})
