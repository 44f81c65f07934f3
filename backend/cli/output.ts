import { CliError } from './cli-error.ts'

/** Results go to stdout, everything else to stderr, so that a pipe gets the result only. */
export interface Output {
  readonly json: boolean
  /** The command's result: as JSON, or as the words that a person reads. */
  result(data: unknown, words: () => string): void
  /** A piece of a result that comes in pieces; not shown with --json. */
  piece(text: string): void
  /** A remark on the way. On a terminal the next one overwrites it when `passing` is true. */
  remark(text: string, passing?: boolean): void
}

export function createOutput({ json }: { json: boolean }): Output {
  const isTerminal = process.stderr.isTTY
  let isPassing = false
  return {
    json,
    result(data, words) {
      process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${words()}\n`)
    },
    piece(text) {
      if (!json) process.stdout.write(text)
    },
    remark(text, passing = false) {
      if (json) return
      // A log that keeps every line is spared the ones that are soon outdated.
      if (passing && !isTerminal) return
      process.stderr.write(`${isPassing ? '\r\x1b[K' : ''}${text}${passing ? '' : '\n'}`)
      isPassing = passing
    },
  }
}

/** Says what went wrong on stderr and gives the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  const { code, message, exitCode } = describe(error)
  process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`)
  return exitCode
}

const describe = (error: unknown) =>
  error instanceof CliError
    ? error
    : { code: 'internal', message: error instanceof Error ? error.message : String(error), exitCode: 1 }

/** Columns as wide as their widest cell. */
export function table(headings: string[], rows: string[][]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
