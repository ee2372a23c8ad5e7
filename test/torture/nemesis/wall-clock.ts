import { globSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Env } from '@parley/service-kit'

const library = '/usr/lib/*/faketime/libfaketimeMT.so.1'

/** Why the wall clock of a process cannot be stepped here, or undefined when it can. */
export function whyNoClock(): string | undefined {
  return found() === undefined ? 'libfaketime is not installed' : undefined
}

/** The wall clock of a process: it shows another time, the monotonic one goes on as it is. */
export class WallClock {
  readonly #file: string

  constructor(folder: string, name: string) {
    this.#file = path.join(folder, `${name}.clock`)
    this.step(0)
  }

  /** What the process is started with; nothing where clocks cannot be stepped. */
  get env(): Env {
    const preload = found()
    if (preload === undefined) return {}
    return {
      LD_PRELOAD: preload,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // The file is looked at once a second.
      FAKETIME_CACHE_DURATION: '1',
    }
  }

  /** From a second on at the latest it is so many seconds before (positive) or behind. */
  step(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  }
}

function found(): string | undefined {
  return globSync(library)[0]
}
