import { lockFolder } from './index.ts'

// A process that takes the folder it is given and keeps it until it is killed.
lockFolder(process.argv[2] ?? '')
process.stdout.write('locked\n')
setInterval(() => undefined, 60_000)
