import type { Grammar, Random } from './input.ts'

/** A parser or a door that inputs are thrown at. */
export interface Target {
  readonly name: string
  /** Its part of all inputs, in relation to the others' parts. */
  readonly weight: number
  /** Bytes that may be held when all inputs have been tried beyond those that were before. */
  readonly maxGrowthBytes: number
  open(): Promise<Opened> | Opened
}

/** A target that is there to be tried. */
export interface Opened extends Grammar {
  /**
   * What became of one input, in a word or two; whatever it throws is a finding. Chance decides how it
   * arrives. One that takes its time may be called again before.
   */
  readonly try: (input: Buffer, random: Random) => string | Promise<string>
  /** How many inputs may be under way; one unless told. */
  readonly atOnce?: number
  /** Throws when something is not as it was before all inputs. */
  readonly isSound?: () => Promise<void>
  readonly close?: () => Promise<void>
}
