import { ConfigError } from '../config.ts'
import { readWebKeys } from './web-keys.ts'

export interface Secrets {
  production: boolean
  webPublicKeys?: readonly string[] | undefined
  operatorKey?: string | undefined
}

const shortest = 32

/** Stops the start, with the name of what is wrong and never its value. A secret that is set must be a real one anywhere. */
export function requireSecrets({ production, webPublicKeys, operatorKey }: Secrets): void {
  const problems: string[] = []
  if (production && !webPublicKeys?.length) {
    problems.push('NITRO_WEB_PUBLIC_KEY is not set: without it the web app cannot sign anybody in')
  }
  if (operatorKey !== undefined) {
    if (operatorKey.length < shortest)
      problems.push(`NITRO_OPERATOR_KEY is too short: use at least ${shortest} characters`)
    else if (isExample(operatorKey)) problems.push('NITRO_OPERATOR_KEY still holds an example value')
    else if (!/^[\w.~+/=-]+$/.test(operatorKey))
      problems.push('NITRO_OPERATOR_KEY holds characters that no header carries')
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  // Throws by itself when one of them is no key.
  readWebKeys(webPublicKeys)
}

const isExample = (secret: string) => /^((your|example|change|placeholder|secret)|(.)\3+$)/i.test(secret)
