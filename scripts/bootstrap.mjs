// What a fresh clone needs before anything runs: packages, nats-server, generated code. Says each step in one line, and
// nothing when there is nothing to do. Plain JavaScript for whatever Node the machine has (18 or newer): the project's
// own Node comes with the packages.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './installed.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
/** From this version on, Node runs TypeScript as it is. */
const oldestNode = [22, 18]
const installLimitMs = 15 * 60_000
const generateLimitMs = 60_000

/** What judges pictures that the image server makes. */
const judges = {
  '/usr/bin/exiftool': 'libimage-exiftool-perl',
  '/usr/lib/python3/dist-packages/PIL': 'python3-pil',
}

/** What unpacks the images of strangers, besides. */
const corpusPrograms = { ...judges, tar: 'tar', xz: 'xz-utils', bzip2: 'bzip2' }

/** Programs, or what has no program, that only the tests need, each with the Debian package that has it. */
const testPrograms = {
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  mariadb: 'mariadb-client-core',
  'mkfs.xfs': 'xfsprogs',
  xfs_io: 'xfsprogs',
  strace: 'strace',
  ip: 'iproute2',
  nft: 'nftables',
  faketime: 'faketime',
  curl: 'curl',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  chromium: 'chromium',
  openssl: 'openssl',
  '/usr/lib/python3/dist-packages/swift': 'python3-swift',
  ...judges,
}

installPackages()
installPrograms({ 'nats-server': 'nats-server' })
if (process.argv.includes('--tests')) installPrograms(testPrograms)
if (process.argv.includes('--corpus')) installPrograms(corpusPrograms)
generateCode()

function installPackages() {
  if (packagesAreCurrent()) return
  say('installing the locked packages (npm ci), a minute on a fresh clone')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  if (!run(...npmCommand(args), installLimitMs)) fail('npm ci did not succeed, see above')
}

function packagesAreCurrent() {
  const wanted = readJson(path.join(root, 'package-lock.json'))
  return isInstalled(wanted, readJson(path.join(root, 'node_modules/.package-lock.json')))
}

/** Installs from the system's packages what is missing, where it may, and says what it could not. */
function installPrograms(packageOf) {
  const missing = () => Object.keys(packageOf).filter((program) => !isOnPath(program))
  const packages = [...new Set(missing().map((program) => packageOf[program]))]
  if (packages.length === 0) return
  const isRoot = process.getuid?.() === 0
  if (process.platform === 'linux' && isRoot && isOnPath('apt-get')) {
    say(`installing ${packages.join(', ')} from the system packages (apt-get)`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0']
    run('apt-get', [...quiet, 'update'], installLimitMs, { env })
    const install = [...quiet, 'install', '--yes', '--no-install-recommends', ...packages]
    run('apt-get', install, installLimitMs, { env })
  }
  for (const program of missing()) {
    say(
      `${program} is missing: install it (Debian and Ubuntu: apt-get install ${packageOf[program]}; macOS: brew)`,
    )
  }
}

function generateCode() {
  const node = projectNode()
  const script = path.join(root, 'scripts/generate.ts')
  if (!existsSync(path.join(root, 'libs/proto/src/gen/.inputs'))) say('generating code from proto/')
  if (!run(node, [script], generateLimitMs))
    fail('the code in libs/proto could not be generated, see above')
}

/** The Node that came with the packages, else the one that runs this if it is new enough. */
function projectNode() {
  const own = path.join(root, 'node_modules/.bin/node')
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) {
    return process.execPath
  }
  return fail(
    `Node ${oldestNode.join('.')} or newer is needed on ${process.platform}-${process.arch}, this is ${process.versions.node}`,
  )
}

/** npm as it was started, or from the PATH. */
function npmCommand(args) {
  const npm = process.env.npm_execpath
  return npm && npm.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args]
}

function run(command, args, timeout, options = {}) {
  // Output goes to stderr: stdout belongs to the script that runs next.
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    timeout,
    ...options,
  })
  if (result.error) say(`${path.basename(command)}: ${result.error.message}`)
  return result.status === 0
}

function isOnPath(name) {
  if (path.isAbsolute(name)) return existsSync(name)
  // Debian keeps servers in folders that only root has on its PATH.
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ]
  return folders.some((folder) => folder && isExecutable(path.join(folder, name)))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function say(line) {
  process.stderr.write(`bootstrap: ${line}\n`)
}

function fail(line) {
  say(line)
  process.exit(1)
}
