/** What ends a command: a sentence for the person, a code for programs and the exit code. */
export class CliError extends Error {
  readonly code: string
  /** 1 it failed, 2 it was called wrongly, 3 the backend cannot be reached. */
  readonly exitCode: number

  constructor(code: string, message: string, exitCode = 1) {
    super(message)
    this.name = 'CliError'
    this.code = code
    this.exitCode = exitCode
  }
}
