import { NitroError } from '@nitroagi/shared/errors'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import { limits } from '@nitroagi/shared/limits'
import { z } from 'zod'
import type { Call } from '../../call.ts'
import { createTool, type Tool } from '../tool.ts'

/** As many as a person would read before asking again. */
const passagesAtMost = 5

export interface BuiltInTools {
  /** What an expression comes to; undefined when it cannot be calculated exactly. Throws when it has no result. */
  calculate(expression: string): { statement: string; value: string } | undefined
  now(): Date
  /** Best first; only what the caller may read. */
  search(
    call: Call,
    request: { query: string; limit: number; collectionIds?: string[] | undefined },
  ): Promise<readonly SearchHit[]>
  /** Whether the caller's workspace wants this module; a tool of one that it does not want is not offered. */
  isEnabled(call: Call, module: string): boolean | Promise<boolean>
}

/** The tools that need no outside service. */
export function createBuiltInTools({ calculate, now, search, isEnabled }: BuiltInTools): Tool[] {
  return [
    createTool({
      name: 'calculator',
      description:
        'Calculates one expression exactly: arithmetic, percentages, units and dates, such as "17% of 2,340", ' +
        '"(3 + 4) * 2^5", "5 miles in km" or "days between 2024-02-01 and 2024-03-01". Use it rather than reckon yourself.',
      input: z.strictObject({ expression: z.string().min(1).max(300) }),
      isOffered: (call) => isEnabled(call, 'reasoning'),
      execute(_call, { expression }) {
        const result = calculate(expression)
        if (!result) {
          throw new NitroError(
            'invalid_input',
            'This cannot be calculated. Give one expression with numbers only, such as 17 * 23 or 17% of 2,340.',
          )
        }
        const { statement, value } = result
        return Promise.resolve({ output: `${statement} ${value.startsWith('≈') ? '' : '= '}${value}` })
      },
    }),
    createTool({
      name: 'current_time',
      description:
        'Tells the date, weekday and time of now. timeZone is an IANA name such as Europe/Berlin; without it, UTC.',
      input: z.strictObject({ timeZone: z.string().max(64).optional() }),
      execute: (_call, { timeZone }) => Promise.resolve({ output: timeIn(timeZone ?? 'UTC', now()) }),
    }),
    createTool({
      name: 'search',
      description:
        "Searches the user's own documents and gives the passages that fit, each with its number. Use it when the passages at hand leave something open, with other words than the question's.",
      input: z.strictObject({ query: z.string().min(1).max(limits.searchCharacters) }),
      isOffered: (call, { collectionIds }) => collectionIds?.length !== 0 && isEnabled(call, 'knowledge'),
      async execute(call, { query }, task) {
        const collectionIds = task.collectionIds && [...task.collectionIds]
        return { passages: await search(call, { query, limit: passagesAtMost, collectionIds }) }
      },
    }),
  ]
}

/** "Saturday, 2026-11-21T22:30:05+09:00 (Asia/Tokyo)" */
function timeIn(timeZone: string, now: Date): string {
  const part = partsOf(timeZone, now)
  // UTC is called GMT or GMT+00:00, depending on the library's data.
  const offset = part.timeZoneName!.replace('GMT', '').replace(/^\+00:00$/, '') || 'Z'
  const date = `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}`
  return `${part.weekday}, ${date}${offset} (${timeZone})`
}

function partsOf(timeZone: string, now: Date) {
  try {
    const twoDigits = {
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      ...twoDigits,
      year: 'numeric',
      weekday: 'long',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
    const parts = format.formatToParts(now).map(({ type, value }) => [type, value])
    return Object.fromEntries(parts) as Partial<Record<Intl.DateTimeFormatPartTypes, string>>
  } catch (cause) {
    throw new NitroError('invalid_input', 'There is no such time zone. Use an IANA name such as Europe/Berlin.', {
      cause,
    })
  }
}
