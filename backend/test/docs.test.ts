import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from '../cli/program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

const cited = (expression: RegExp) =>
  pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(expression)].map((match) => ({
      page,
      text: (match[1] ?? '').trim(),
    })),
  )

/** The command that these words name, and which of their options it does not have. */
function resolve(text: string) {
  // A word in quotes is a value, whatever it looks like.
  const words = text.replace(/"[^"]*"|'[^']*'/g, 'VALUE').split(/\s+/)
  let command: Command = createProgram()
  while (words[0] !== undefined) {
    const next = command.commands.find((candidate) => candidate.name() === words[0])
    if (!next) break
    command = next
    words.shift()
  }
  const known = [...command.options, ...createProgram().options].map(({ long }) => long)
  const unknown = words.filter((word) => word.startsWith('--') && word !== '--help' && !known.includes(word))
  return { isCommand: command.commands.length === 0, unknown }
}

const commands = cited(/npm run -s nitro -- ([^`\n]+)/g)

it('cites commands at all', () => {
  expect(commands.length).toBeGreaterThan(4)
})

it.each(commands)('$page: nitro $text can be typed', ({ text }) => {
  expect(resolve(text)).toEqual({ isCommand: true, unknown: [] })
})

it('cites only scripts that package.json has', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const known = Object.keys(scripts)
  const used = cited(/npm run (?:-s )?([a-z][\w:-]*)/g)
  expect(used.filter(({ text }) => !known.includes(text))).toEqual([])
})
