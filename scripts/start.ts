/** `npm start`: brings up every service of this machine and keeps them running until it is asked to stop. */
import { AppError, isAppError } from '@parley/errors'
import { askedToStop } from '@parley/service-kit'
import { startEverything } from './start/start-everything.ts'
import { usage } from './start/usage.ts'

const words = process.argv.slice(2)
if (words.length > 0) {
  const isAsked = words.every((word) => word === '--help' || word === '-h')
  process[isAsked ? 'stdout' : 'stderr'].write(usage)
  process.exit(isAsked ? 0 : 2)
}

// Data, keys and logs are the owner's alone.
process.umask(0o077)

// What npm runs ends with npm, also when that is killed.
const stop = askedToStop(process.env['npm_lifecycle_event'] === 'start')
const aborter = new AbortController()
void stop.then((why) => aborter.abort(new AppError('cancelled', 'ASKED_TO_STOP', why)))

try {
  const everything = await startEverything(process.env, aborter.signal)
  await stop
  console.log('\nparley: stopping')
  await everything.stop()
  console.log('parley: stopped')
} catch (error) {
  if (aborter.signal.aborted) console.log('\nparley: stopped before it was up')
  else console.error(`parley cannot start: ${isAppError(error) ? error.message : inFull(error)}`)
  process.exitCode = aborter.signal.aborted ? 0 : 1
}
process.exit()

function inFull(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
