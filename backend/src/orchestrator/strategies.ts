import type { Strategy } from '@nitroagi/shared/runs'

/** How the steps of a plan combine. `sequential`, one step after the other, is the one there is; `auto` resolves to it. */
export function chooseStrategy(wanted: Strategy | undefined): { strategy: Strategy; reason: string } {
  return wanted === 'sequential'
    ? { strategy: 'sequential', reason: 'You asked for it' }
    : { strategy: 'sequential', reason: 'Each step needs what the one before it found' }
}
