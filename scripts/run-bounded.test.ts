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
})
