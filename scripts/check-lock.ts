/** Fails when package-lock.json would not install on every platform. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { lockGaps } from './lock-gaps.ts'
import type { Lock } from './lock-gaps.ts'

const file = path.resolve(import.meta.dirname, '../package-lock.json')
const gaps = lockGaps(JSON.parse(readFileSync(file, 'utf8')) as Lock)
for (const gap of gaps) console.error(`package-lock.json: ${gap}`)
if (gaps.length > 0) process.exitCode = 1
