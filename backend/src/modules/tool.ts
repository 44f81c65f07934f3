import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { z } from 'zod'
import type { Call } from '../call.ts'
import type { Task } from './module.ts'

/** Something that a language model may call while it answers, with the rights of the person who asked. */
export interface Tool {
  name: string
  /** For the model: what it gives, and when to call it. */
  description: string
  /** What is not of this shape is never executed. */
  input: z.ZodType
  /** Whether it can work for this question; one that cannot is not offered. Absent: always. */
  isOffered?(call: Call, task: Task): boolean | Promise<boolean>
  /**
   * Gets its input only after it was checked. Throws a `NitroError` whose sentence tells the model what to do instead;
   * is given up when `call.signal` aborts.
   */
  execute(call: Call, input: unknown, task: Task): Promise<ToolOutcome>
}

/** Passages are given their numbers by whoever called, so that they can be cited like those that were there before. */
export type ToolOutcome = { output: unknown } | { passages: readonly SearchHit[] }

interface ToolOf<Shape extends z.ZodType> extends Omit<Tool, 'input' | 'execute'> {
  input: Shape
  execute(call: Call, input: z.infer<Shape>, task: Task): Promise<ToolOutcome>
}

/** Gives `execute` the type of its input. */
export const createTool = <Shape extends z.ZodType>(tool: ToolOf<Shape>): Tool => tool
