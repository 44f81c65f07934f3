import type { ModuleHealth, ModuleManifest } from '@nitroagi/shared/modules'
import type { SearchHit } from '@nitroagi/shared/knowledge'
import type { ComputationData, CritiqueData, Usage } from '@nitroagi/shared/runs'
import type { Call } from '../call.ts'
import type { NamedModel } from '../ports/language-model/port.ts'

/** Something that does work. It reaches the world through ports only and knows no other module. */
export interface Module {
  readonly manifest: ModuleManifest
  health(): Promise<ModuleHealth>
  /** Yields findings as they come, throws `NitroError` when it cannot go on, and stops when `call.signal` aborts. */
  run(call: Call, task: Task): AsyncIterable<Finding>
  /** How well it does each of its capabilities, 0..1, where that is less than 1. */
  readonly fit?: Readonly<Record<string, number>>
  /** The share of its places that are free, 0..1; absent when it has as many as anybody wants. */
  freeCapacity?(): number
  /** Tries a small real task and says in a sentence what came of it; throws when the module does not work. */
  test(call: Call): Promise<string>
}

/** A step's own narrow input. */
export interface Task {
  /** What the person asked, in their words. */
  question: string
  /** Undefined when the conversation is not kept. */
  conversationId?: string | undefined
  /** Earlier turns, oldest first; already cut to what fits. */
  history: readonly Turn[]
  /** How the caller wants to be answered; beside our own rules, never above them. */
  instructions?: string | undefined
  /** What earlier steps found. */
  evidence: Evidence
  /** A model's name; undefined means the default. */
  model: string | undefined
  collectionIds: readonly string[] | undefined
  /** What came with the question. */
  attachments: readonly Attachment[]
  /**
   * Sets tokens and money aside before a call of a language model; throws `budget_exceeded`. Every call is preceded by
   * one, and each is settled with what the call took.
   */
  reserve(named: NamedModel, promptCharacters: number): Reservation
  /** The answer that is to be checked. */
  answer?:
    | {
        text: string
        citations: readonly { number: number; quote: string }[]
        /** The person wants to be sure of it. */
        isDoubted?: boolean
      }
    | undefined
  /** What an interrupted answer had already said; go on from there without repeating it. */
  continueFrom?: string | undefined
  /** What the step before has written; to be carried further, not to be answered. */
  previous?: string | undefined
  /** Makes one of several answers to the same question differ from the others. */
  sampling?: { temperature: number; seed: number } | undefined
}

export interface Turn {
  role: 'user' | 'assistant'
  text: string
}

/** A file that came with a message: an image, a recording. */
export interface Attachment {
  id: string
  name: string
  mediaType: string
  sizeBytes: number
  /** Of a picture, in pixels, as far as it is known. */
  width?: number | null
  height?: number | null
  read(): Promise<Uint8Array>
}

export interface Reservation {
  /** Gives back what was not used. Without a usage, nothing was. */
  settle(usage: Usage | null): void
}

export interface Evidence {
  passages: readonly SearchHit[]
  /** Results of the reasoning module: what was computed and that it was checked. */
  facts: readonly Fact[]
  /** What was seen in images and heard in recordings. */
  readings?: readonly Reading[]
  /** What was remembered of earlier turns. */
  recalled?: Recollection | undefined
}

export interface Fact {
  statement: string
  value: string
  /** The passages that it was computed from, by their entries' ids; they are among the passages. */
  sources?: readonly string[] | undefined
}

export interface Reading {
  /** The attachment's name. */
  name: string
  kind: 'image' | 'audio'
  text: string
}

export interface Recollection {
  /** The earlier turns that bear on the question, best first: what was asked, and what the answer said, in its words. */
  notes: readonly { question: string; gist: string }[]
  /** What is known of turns that have fallen out of memory; empty when nothing has. */
  summary: string
  /** Words of an earlier turn that the question leaves out: it is to be searched together with them. */
  subject: string | undefined
}

export type Finding =
  /** Words of the answer. */
  | { type: 'text-delta'; delta: string }
  | { type: 'reasoning-delta'; delta: string }
  /** Cites a passage: [number] in the text. Offsets are within the page's text. */
  | { type: 'citation'; number: number; hit: SearchHit; start: number; end: number; quote: string }
  | { type: 'passages'; hits: SearchHit[] }
  | ({ type: 'fact' } & Fact)
  | { type: 'recollection'; recalled: Recollection }
  | { type: 'reading'; reading: Reading }
  /** Shown beside the answer; its outcome is also yielded as a fact. */
  | { type: 'computation'; computation: Omit<ComputationData, 'step'> }
  | { type: 'critique'; critique: Omit<CritiqueData, 'step'> }
  /** A tool that the model called, and what it gave. A call is yielded only when it is whole. */
  | { type: 'tool-call'; id: string; name: string; input: unknown }
  | { type: 'tool-result'; id: string; output: unknown }
  | { type: 'tool-error'; id: string; message: string }
  | { type: 'notice'; level: 'info' | 'warning'; code: string; message: string }
  /** The step's account of itself, for the trace; the last one of each field counts. */
  | { type: 'report'; model?: string; usage?: Usage; confidence?: number; confidenceBasis?: string; summary?: string }
