import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { describe, expect, it } from 'vitest'
import { runBounded } from './run-bounded.ts'

function runScript(code: string, limitMs = 10_000): Promise<boolean> {
  const args = ['-e', code]
  return runBounded({ command: process.execPath, args, folder: '.', limitMs, killGraceMs: 300 })
}

describe('runBounded', () => {
  it('tells a good end from a bad one', async () => {
    expect(await runScript('process.exit(0)')).toBe(true)
    expect(await runScript('process.exit(3)')).toBe(false)
  })

  it('takes a killed process as a bad end', async () => {
    expect(await runScript('process.kill(process.pid, "SIGKILL")')).toBe(false)
  })

  it('takes a command that does not exist as a bad end', async () => {
    const command = '/nonexistent/command'
    const run = { command, args: [], folder: '.', limitMs: 1_000, killGraceMs: 100 }
    expect(await runBounded(run)).toBe(false)
  })

  it('stops what does not end in its time, even when it ignores the polite signal', async () => {
    expect(await runScript('setInterval(() => {}, 1000)', 300)).toBe(false)
    const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'
    expect(await runScript(stubborn, 600)).toBe(false)
  })

  it('lets what runs beside others step back, with whatever it starts, and keeps its output apart', async () => {
    const quietInto = path.join(await tempFolder(), 'output.txt')
    const tell = 'console.log(require("node:os").getPriority())'
    const child = 'require("node:child_process").execFileSync'
    const inner = `${child}(process.execPath, ['-e', '${tell}'], { stdio: 'inherit' })`
    const args = ['-e', `${tell}; ${inner}`]
    const run = { command: process.execPath, args, folder: '.', limitMs: 10_000, killGraceMs: 300 }
    expect(await runBounded({ ...run, quietInto })).toBe(true)
    const lowest = String(os.constants.priority.PRIORITY_LOW)
    expect(readFileSync(quietInto, 'utf8').trim().split('\n')).toEqual([lowest, lowest])
  })
})
