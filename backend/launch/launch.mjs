import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** A failure that is told in one plain sentence, without a stack. */
export class LaunchError extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Runs a launcher: its failures become a sentence on stderr and an exit code. */
export async function launch(main) {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    console.error(error instanceof LaunchError ? error.message : error)
    process.exit(error instanceof LaunchError ? error.exitCode : 1)
  }
}

const running = new Set()

// What a stage started must not outlive a launcher that is told to end before anything serves.
export function endWithSignals() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.once(signal, () => {
      for (const child of running) child.kill('SIGTERM')
      process.exit(code)
    })
  }
}

/** Runs a program to its end and keeps its last lines, to be shown when it failed. */
export function runProgram(command, args, { cwd = root, env = process.env, onLine = () => {}, keepLines = 60 } = {}) {
  return new Promise((resolve) => {
    const lines = []
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    for (const stream of [child.stdout, child.stderr]) {
      readLines(stream, (line) => {
        lines.push(line)
        if (lines.length > keepLines) lines.shift()
        onLine(line)
      })
    }
    const finish = (code) => {
      running.delete(child)
      resolve({ code, output: lines.join('\n').trim() })
    }
    child.once('error', (error) => {
      lines.push(error.message)
      finish(1)
    })
    child.once('close', (code, signal) => finish(code ?? (signal ? 1 : 0)))
  })
}

/** Runs a program that talks to the terminal itself and gives its exit code. */
export function runInForeground(command, args, { cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' })
    running.add(child)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve(code ?? (signal ? 1 : 0))
    })
  })
}

export function readLines(stream, onLine) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => rest && onLine(rest))
}
