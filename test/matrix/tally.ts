import { expect } from 'vitest'

/** How many cells of a matrix were asked. */
export interface Tally {
  /** Counts one cell that was asked. */
  cell(): void
  /** Prints how many were asked; fails when it is not the number that descriptors and routers imply. */
  check(implied: number): void
}

/** Counts the cells of one matrix. */
export function tally(name: string): Tally {
  let cells = 0
  return {
    cell: () => void (cells += 1),
    check(implied) {
      process.stdout.write(`authorisation matrix, ${name}: ${cells} cells\n`)
      expect(cells).toBe(implied)
    },
  }
}
