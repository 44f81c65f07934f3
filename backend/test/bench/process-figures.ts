import { readFileSync, readdirSync, writeFileSync } from 'node:fs'

/** What Linux says about processes. Nothing here works elsewhere, and the bench says so. */

const clockTicksPerSecond = 100

/** The process and everything that it started, as far as it still runs. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : ''
    // The program's name is in brackets and may hold anything; the parent is the second field behind it.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (stat) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (const member of tree) tree.push(...(children.get(member) ?? []))
  return tree
}

export const commandLine = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()

/** Memory that would be free without these processes: what they share with others counts in proportion. */
export const proportionalMb = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss'), 0) / 1024

export const residentMb = (pid: number): number => kilobytes(read(`/proc/${pid}/status`), 'VmRSS') / 1024

/** Forgets the highest resident memory so far, so that `peakResidentMb` speaks of what follows. */
export const resetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')

export const peakResidentMb = (pid: number): number => kilobytes(read(`/proc/${pid}/status`), 'VmHWM') / 1024

/** CPU time of all threads of the process so far, in user and kernel mode. */
export function cpuSeconds(pid: number): number {
  const fields = fieldsOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond
}

/** The same of the processes that it started and that have ended. */
export function cpuSecondsOfEnded(pid: number): number {
  const fields = fieldsOf(pid)
  return (Number(fields[13]) + Number(fields[14])) / clockTicksPerSecond
}

function fieldsOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
