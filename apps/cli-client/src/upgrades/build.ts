import { arch, platform } from 'node:process'
import type { ClientBuild } from '@parley/client'
import packageJson from '../../package.json' with { type: 'json' }
import type { CliConfig } from '../config.ts'

/** Which program this is, as packages of it are named. */
export function buildOf({ channel }: CliConfig): ClientBuild {
  return { version: packageJson.version, platform: `${platform}-${arch}`, channel }
}
