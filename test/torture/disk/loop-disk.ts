import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually } from '@parley/testkit'
import { runCommand } from './run-command.ts'

const mebibyte = 1 << 20
// The smallest that mkfs.xfs makes is 300 MiB; the file is sparse.
const defaultBytes = 320 * mebibyte

/** A filesystem of its own whose power can be cut: what was not synced by then is gone. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string
  readonly #home: string
  #switch: ChildProcess | undefined

  private constructor(home: string) {
    this.#home = home
    this.folder = path.join(home, 'mnt')
  }

  /** Makes an empty XFS in a temporary file and mounts it. Needs root. */
  static async make(sizeBytes = defaultBytes): Promise<LoopDisk> {
    const disk = new LoopDisk(await mkdtemp(path.join(tmpdir(), 'parley-disk-')))
    try {
      await writeFile(disk.#image, '')
      await truncate(disk.#image, sizeBytes)
      await runCommand('mkfs.xfs', '-q', disk.#image)
      await mkdir(disk.folder)
      await disk.#mount()
    } catch (error) {
      await disk.remove()
      throw error
    }
    return disk
  }

  /**
   * Cuts the power within a fraction of a millisecond: nothing reaches the disk any more, every
   * write and sync fails. Resolves when that is certain.
   */
  async cut(): Promise<void> {
    const off = this.#switch
    if (!off) throw new Error('the power is off already')
    this.#switch = undefined
    const ended = once(off, 'exit')
    off.stdin?.end('shutdown\n')
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(`the power could not be cut: ${code}`)
  }

  /** Power is back: the filesystem as it lies on the disk. All processes on it must have ended. */
  async restore(): Promise<void> {
    await this.#unmount()
    await this.#mount()
  }

  /** Unmounts and forgets all of it. */
  async remove(): Promise<void> {
    await this.#unmount().catch(() => undefined)
    await rm(this.#home, { recursive: true, force: true })
  }

  get #image(): string {
    return path.join(this.#home, 'image')
  }

  async #mount(): Promise<void> {
    await runCommand('mount', '-o', 'loop', this.#image, this.folder)
    // Held ready: starting a program would take longer than the moments that are to be hit.
    this.#switch = spawn('xfs_io', ['-x', this.folder], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    })
    // Its pipe breaks when it is ended with the power on.
    this.#switch.stdin?.on('error', () => undefined)
    await once(this.#switch, 'spawn')
  }

  async #unmount(): Promise<void> {
    const off = this.#switch
    this.#switch = undefined
    if (off) {
      const ended = once(off, 'exit')
      off.stdin?.end()
      await ended
    }
    // A process that was killed a moment ago may still be letting go of its files.
    await eventually(() => runCommand('umount', this.folder), { timeoutMs: 10_000, everyMs: 20 })
  }
}
