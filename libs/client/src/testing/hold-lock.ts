import { openHome } from '../state/home.ts'

// Holds the session lock of the home named by the argument until it is killed.
const state = await openHome(process.argv[2] ?? '')
state.tryLock('session')
process.send?.('held')
setInterval(() => undefined, 1_000)
