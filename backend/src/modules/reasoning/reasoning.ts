import { NitroError } from '@nitroagi/shared/errors'
import type { Module } from '../module.ts'
import { recognise } from './recognise.ts'

/** Calculates exactly: arithmetic, percentages, units and dates. The planner asks `recognise` first. */
export function createReasoningModule(): Module {
  return {
    manifest: {
      name: 'reasoning',
      description: 'Calculates exactly: arithmetic, percentages, units and dates.',
      capabilities: ['arithmetic', 'percentages', 'units', 'dates'],
      cost: 'free',
      latency: 'instant',
      needs: [],
    },
    health: () => Promise.resolve({ status: 'ok', detail: null }),
    test() {
      const value = recognise('17% of 2,340')?.calculate()
      if (value !== '397.8') throw new NitroError('internal', `17% of 2,340 came out as ${value}`)
      return Promise.resolve('17% of 2,340 = 397.8')
    },
    async *run(_call, { question }) {
      const calculation = recognise(question)
      if (!calculation) {
        throw new NitroError(
          'invalid_input',
          'I cannot calculate this. Write it as an expression, such as 17% of 2,340.',
        )
      }
      const value = calculation.calculate()
      yield { type: 'fact', statement: calculation.statement, value }
      yield { type: 'report', summary: `Calculated ${calculation.statement}` }
    },
  }
}
