import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Figure, Row } from './row.ts'
import { root } from './surroundings.ts'

const page = join(root, 'docs/benchmarks.md')

export const verdict = ({ aim, measured }: Figure): string =>
  measured === null ? 'not measured' : aim === null ? '' : aim.holds(measured) ? 'pass' : 'miss'

/** The table for a terminal. */
export function asText({ title, method }: Row, figures: readonly Figure[]): string {
  const cells = figures.map((figure) => [figure.what, ...cellsOf(figure)])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return [`\n${title}`, method, ...lines.map((line) => `  ${line.trimEnd()}`)].join('\n')
}

function cellsOf(figure: Figure): string[] {
  const { aim, measured, unit, remark } = figure
  return [
    aim?.text ?? '',
    measured === null ? '' : `${rounded(measured)} ${unit}`.trim(),
    verdict(figure),
    remark ?? '',
  ]
}

const rounded = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(value < 1 ? 3 : value < 100 ? 1 : 0)

/** Puts the row's section into docs/benchmarks.md, in place of the one that it wrote before. */
export function write({ name, title, method }: Row, figures: readonly Figure[]): void {
  const begin = `<!-- bench ${name} -->`
  const end = `<!-- end of ${name} -->`
  const lines = figures.map((figure) => `| ${[figure.what, ...cellsOf(figure)].map(escaped).join(' | ')} |`)
  const section = [
    begin,
    '',
    `## ${title}`,
    '',
    method,
    '',
    '| | aim | measured | | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    machine(),
    '',
    end,
  ].join('\n')
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n'
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  const whole =
    from < 0 || to < 0
      ? `${text.trimEnd()}\n\n${section}\n`
      : text.slice(0, from) + section + text.slice(to + end.length)
  writeFileSync(page, whole)
  execFileSync(process.execPath, [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', page], {
    stdio: 'ignore',
  })
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|')

function machine(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--', 'backend', 'frontend', 'shared', 'package-lock.json') !== ''
  const processors = cpus()
  return [
    `Measured ${new Date().toISOString().slice(0, 10)}`,
    `at commit ${git('rev-parse', '--short', 'HEAD')}${changed ? ' with local changes' : ''}`,
    `on ${processors.length} cores of ${processors[0]?.model.trim()}`,
    `${Math.round(totalmem() / 1024 ** 3)} GB of memory`,
    `Node ${process.versions.node}.`,
  ].join(', ')
}
