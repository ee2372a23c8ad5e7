/** `npx nx package <service>`: puts one service, and what of this repository it needs, into `dist/<service>` or a folder that is named. */
import path from 'node:path'
import { packService } from './pack/pack-service.ts'

const [service, folder] = process.argv.slice(2)
const root = path.resolve(import.meta.dirname, '..')

try {
  if (service === undefined) throw new Error('usage: pack-service <service> [folder]')
  const target = path.resolve(folder ?? path.join(root, 'dist', service))
  packService({ root, service, target })
  console.log(`${service} is in ${target}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
