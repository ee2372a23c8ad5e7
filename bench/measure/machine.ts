import { execFileSync } from 'node:child_process'
import {
  closeSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { findPackageJSON } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { percentile, round } from './statistics.ts'

const syncs = 200
const pageBytes = 4096
const tmpfsMagic = 0x01021994

/** What a figure depends on, for whoever reads it later. */
export function machineFacts() {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpus: cpus.length,
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    // Who else was busy: on two cores anything above 0 takes from the figures per second.
    loadAverageBefore: os.loadavg().map(round),
  }
}

/** The versions of what carries the messages, and the commit that was measured. */
export function versions() {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    grpcJs: packageVersion('@grpc/grpc-js'),
    betterSqlite3: packageVersion('better-sqlite3'),
    commit: git('rev-parse', 'HEAD'),
    changed: git('status', '--porcelain', '--', 'apps/relay/src', 'libs') !== '',
  }
}

/** How long a write of one page takes to reach the disk under a folder; refuses one in memory. */
export function measureSync(folder: string) {
  if (statfsSync(folder).type === tmpfsMagic) {
    throw new Error(`${folder} is in memory: name a folder on disk with --folder`)
  }
  const file = path.join(folder, 'sync-probe')
  const fd = openSync(file, 'w')
  const page = Buffer.alloc(pageBytes, 1)
  const times = Array.from({ length: syncs }, (_, i) => {
    const startMs = performance.now()
    writeSync(fd, page, 0, pageBytes, i * pageBytes)
    fdatasyncSync(fd)
    return performance.now() - startMs
  })
  closeSync(fd)
  rmSync(file)
  return { syncs, p50Ms: round(percentile(times, 0.5)), p99Ms: round(percentile(times, 0.99)) }
}

/** The version of an installed package. */
export function packageVersion(name: string): string {
  const file = findPackageJSON(name, import.meta.url)
  if (file === undefined) throw new Error(`${name} is not installed`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    cwd: path.join(import.meta.dirname, '../..'),
  }).trim()
}
