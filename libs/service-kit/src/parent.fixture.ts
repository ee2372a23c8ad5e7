import { spawn } from 'node:child_process'
import { join } from 'node:path'

// A supervisor that starts the service, tells its pid, and waits to be killed.
const child = spawn(process.execPath, [join(import.meta.dirname, 'service.fixture.ts')], {
  // The child holds the test's pipe too, so the pipe closes when both are gone.
  stdio: ['ignore', 'inherit', 'ignore'],
})
process.stdout.write(`${child.pid}\n`)
