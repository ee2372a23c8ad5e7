import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { packService } from './pack-service.ts'
import { isShipped, needed } from './parts.ts'

const root = path.resolve(import.meta.dirname, '../..')

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-pack-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a part needs the libraries of its libraries, each once, and of others none', () => {
  const manifests: Record<string, Record<string, string>> = {
    'apps/a': { '@parley/one': '*', zod: '1.0.0', '@parley/two': '*' },
    'libs/one': { '@parley/three': '*' },
    'libs/two': { '@parley/three': '*', '@parley/one': '*' },
    'libs/three': {},
  }
  const manifestOf = (place: string) => ({ name: place, dependencies: manifests[place] ?? {} })
  expect(needed('apps/a', manifestOf)).toEqual(['apps/a', 'libs/one', 'libs/two', 'libs/three'])
})

test('tests and what only they need are not shipped, all else is', () => {
  const left = ['a.test.ts', 'x/a.contract.ts', 'a.fixture.ts', 'testing', 'x/testing/a.ts']
  expect([...left, 'simulation/main.ts'].filter(isShipped)).toEqual([])
  const shipped = ['', 'main.ts', 'worker/main.ts', 'gen/.inputs', 'latest.ts', 'retesting/a.ts']
  expect(shipped.filter(isShipped)).toEqual(shipped)
})

test('there is no package of what is no service', () => {
  const pack = () => packService({ root, service: 'cli-client', target: scratch() })
  expect(pack).toThrow('there is no service cli-client')
})

test('a folder that holds anything but an earlier package of the same service is left as it is', () => {
  const target = scratch()
  mkdirSync(path.join(target, 'photos'))
  const pack = () => packService({ root, service: 'presence', target })
  expect(pack).toThrow('holds something else')
  writeFileSync(path.join(target, 'package.json'), '{"name":"parley-relay"}')
  expect(pack).toThrow('holds something else')
  expect(readFileSync(path.join(target, 'package.json'), 'utf8')).toBe('{"name":"parley-relay"}')
})

test('an earlier package of the same service is replaced, and the data beside it stays', () => {
  const target = earlierPackage()
  mkdirSync(path.join(target, 'node_modules/old'), { recursive: true })
  packService({ root, service: 'presence', target })
  expect(readFileSync(path.join(target, 'data/presence/internal.key'), 'utf8')).toBe('a key')
  expect(readdirSync(target).toSorted()).toEqual([
    '.npmrc',
    'apps',
    'data',
    'libs',
    'package-lock.json',
    'package.json',
  ])
  expect(readdirSync(path.join(target, 'libs'))).not.toContain('old')
  const { packages } = JSON.parse(readFileSync(path.join(target, 'package-lock.json'), 'utf8')) as {
    packages: object
  }
  expect(packages).toHaveProperty('apps/presence')
  expect(packages).not.toHaveProperty('apps/relay')
})

test('an earlier package stays whole when npm fails', () => {
  const npm = path.join(scratch(), 'npm.js')
  writeFileSync(npm, 'process.exit(1)')
  vi.stubEnv('npm_execpath', npm)
  onTestFinished(() => void vi.unstubAllEnvs())
  const target = earlierPackage()
  expect(() => packService({ root, service: 'presence', target })).toThrow('could not prune')
  expect(readdirSync(target).toSorted()).toEqual(['data', 'libs', 'package.json'])
  expect(readdirSync(path.join(target, 'libs'))).toEqual(['old'])
})

/** One whose service ran in it, with its data where they are by default. */
function earlierPackage(): string {
  const target = scratch()
  writeFileSync(path.join(target, 'package.json'), '{"name":"parley-presence"}')
  mkdirSync(path.join(target, 'libs/old'), { recursive: true })
  mkdirSync(path.join(target, 'data/presence'), { recursive: true })
  writeFileSync(path.join(target, 'data/presence/internal.key'), 'a key')
  return target
}
