import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { lockFolder } from './index.ts'

// A process that takes the folder it is given and keeps it until it is killed, though it has forgotten
// what it was given for it, and all that is forgotten was thrown away.
lockFolder(process.argv[2] ?? '')
setFlagsFromString('--expose-gc')
setInterval(() => undefined, 60_000)
setImmediate(() => {
  runInNewContext('gc()')
  setImmediate(() => process.stdout.write('locked\n'))
})
