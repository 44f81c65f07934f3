import robotsParser from 'robots-parser'
import { decodeText } from './text.ts'

/** Its types say that it is an ES module, which it is not. */
const parseRobots = robotsParser as unknown as (
  url: string,
  text: string,
) => {
  isAllowed(url: string, agent?: string): boolean | undefined
  getCrawlDelay(agent?: string): number | undefined
  getSitemaps(): string[]
}

export interface Robots {
  allows(url: string): boolean
  /** What it asks for, within reason. */
  pauseMs: number | undefined
  sitemaps: string[]
}

const agent = 'NitroAGI'
const charactersAtMost = 500 * 1024
const pauseMsAtMost = 10_000

/** What a site lets NitroAGI fetch. A site without robots.txt lets it fetch everything. */
export function readRobots(url: string, bytes: Uint8Array | undefined): Robots {
  const text = bytes && decodeText(bytes.subarray(0, charactersAtMost))
  const rules = parseRobots(url, text ?? '')
  const delay = rules.getCrawlDelay(agent)
  return {
    allows: (address) => rules.isAllowed(address, agent) !== false,
    pauseMs: delay === undefined || !(delay >= 0) ? undefined : Math.min(delay * 1000, pauseMsAtMost),
    sitemaps: rules.getSitemaps().flatMap((address) => URL.parse(address, url)?.href ?? []),
  }
}
