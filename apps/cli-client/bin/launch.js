// Plain JavaScript that also runs on a Node too old for the program itself.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const relaunched = 'PARLEY_RELAUNCHED'

/**
 * Runs the program in this process when its Node can, else in a child on the project's own Node;
 * when there is none, says in one line what to install.
 */
export async function launch(name, program) {
  if (canRun()) return run(program)
  const node = projectNode(dirname(fileURLToPath(import.meta.url)))
  if (node && !process.env[relaunched]) return hand(node, [])
  if (atLeast(22, 13) && !process.env[relaunched]) {
    return hand(process.execPath, ['--experimental-strip-types'])
  }
  const have = `this is ${process.version}`
  process.stderr.write(
    `${name}: needs Node 22.13 or newer (${have}); run "npm ci" in the project's folder, which brings one\n`,
  )
  process.exitCode = 1
}

async function run(program) {
  const { enableCompileCache } = await import('node:module')
  // Beside the packages, not in the shared temporary folder where others could plant code.
  const packages = nearest(dirname(fileURLToPath(program)), 'node_modules')
  if (packages) enableCompileCache?.(join(packages, '.cache', 'parley-cli'))
  generateOnce()
  await import(program.href)
}

// A fresh clone has no generated code yet; elsewhere the script is not there and nothing is needed.
function generateOnce() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
  const script = join(root, 'scripts', 'generate.ts')
  if (existsSync(join(root, 'libs', 'proto', 'src', 'gen', '.inputs')) || !existsSync(script))
    return
  spawnSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] })
}

function canRun() {
  const strips =
    process.features.typescript === 'strip' || process.features.typescript === 'transform'
  return atLeast(22, 13) && strips
}

function atLeast(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

function projectNode(from) {
  return nearest(from, join('node_modules', '.bin', 'node'))
}

function nearest(folder, name) {
  const found = join(folder, name)
  if (existsSync(found)) return found
  const parent = dirname(folder)
  return parent === folder ? undefined : nearest(parent, name)
}

// The terminal signals the child itself; this process only outlives it to hand on how it ended.
function hand(node, flags) {
  const env = { ...process.env, [relaunched]: '1' }
  const args = [...flags, ...process.argv.slice(1)]
  const child = spawn(node, args, { stdio: 'inherit', env })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`cannot start ${node}: ${error.message}\n`)
      process.exitCode = 1
      resolve()
    })
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
      resolve()
    })
  })
}
