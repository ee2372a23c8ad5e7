import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** How a home's router treats those outside (RFC 4787 says it in full). */
export type Router =
  /** Every machine behind it has an address that all can reach. */
  | 'open'
  /** One port for each socket inside, and only those that it has written to may answer. */
  | 'port-restricted'
  /** The same, and another port for everybody that the socket writes to. */
  | 'symmetric'

/** Two homes and a place in the middle that both can reach. */
export interface Homes {
  /** Namespaces: where servers are, and a machine in each home. */
  readonly middle: string
  readonly ann: string
  readonly bob: string
  /** The address in the middle. */
  readonly server: string
}

const server = '203.0.113.1'
let made = 0

/** Whether tests in networks of their own are skipped here, which is said loudly. */
export function areNetworksMissing(what: string): boolean {
  const name = `parley-try-${process.pid}`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', '-n', name, 'link', 'add', 'road', 'type', 'bridge')
    run('ip', '-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other')
    handOn(name)
    translate(name, 'symmetric')
    return false
  } catch {
    const needs = 'root, network namespaces (ip netns) and nft (Debian: iproute2, nftables)'
    process.stderr.write(`\nSKIPPED: ${what}: it needs ${needs}\n`)
    return true
  } finally {
    tryTo(() => run('ip', 'netns', 'del', name))
  }
}

/** Makes two homes behind routers of these kinds; they are gone with the test. */
export function homes(ofAnn: Router, ofBob: Router): Homes {
  made += 1
  const name = (part: string) => `parley-${process.pid}-${made}-${part}`
  const middle = name('middle')
  addNamespace(middle)
  run('ip', '-n', middle, 'link', 'add', 'road', 'type', 'bridge')
  run('ip', '-n', middle, 'addr', 'add', `${server}/24`, 'dev', 'road')
  run('ip', '-n', middle, 'link', 'set', 'road', 'up')
  const [ann, bob] = [name('ann'), name('bob')]
  home({ middle, machine: ann, router: name('router-ann'), kind: ofAnn, nth: 1 })
  home({ middle, machine: bob, router: name('router-bob'), kind: ofBob, nth: 2 })
  // The routers know the way to each other's machines where those have addresses for all.
  for (const [router, kind, nth] of [
    [name('router-bob'), ofAnn, 1],
    [name('router-ann'), ofBob, 2],
  ] as const) {
    if (kind === 'open') route(router, nth)
  }
  return { middle, ann, bob, server }
}

interface Home {
  readonly middle: string
  readonly machine: string
  readonly router: string
  readonly kind: Router
  readonly nth: number
}

function home({ middle, machine, router, kind, nth }: Home): void {
  for (const one of [machine, router]) addNamespace(one)
  cable(middle, `home${nth}`, router, 'road')
  run('ip', '-n', middle, 'link', 'set', `home${nth}`, 'master', 'road', 'up')
  address(router, 'road', `203.0.113.${nth + 1}/24`)
  cable(router, 'inside', machine, 'eth')
  address(router, 'inside', `10.${nth}.0.1/24`)
  address(machine, 'eth', `10.${nth}.0.2/24`)
  run('ip', '-n', machine, 'route', 'add', 'default', 'via', `10.${nth}.0.1`)
  handOn(router)
  if (kind === 'open') route(middle, nth)
  else translate(router, kind)
}

/** Translates addresses, and lets in only answers. */
function translate(router: string, kind: Exclude<Router, 'open'>): void {
  const how = kind === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade'
  const rules = `
    table ip home {
      chain out { type nat hook postrouting priority 100; oifname "road" ${how}; }
      chain self { type filter hook input priority 0; iifname "road" ct state new drop; }
      chain in { type filter hook forward priority 0; iifname "road" ct state new drop; }
    }`
  execFileSync('ip', ['netns', 'exec', router, 'nft', '-f', '-'], { input: rules, stdio: 'pipe' })
}

function addNamespace(name: string): void {
  run('ip', 'netns', 'add', name)
  onTestFinished(() => tryTo(() => run('ip', 'netns', 'del', name)))
  run('ip', '-n', name, 'link', 'set', 'lo', 'up')
}

function cable(one: string, end: string, other: string, otherEnd: string): void {
  const far = ['peer', 'name', otherEnd, 'netns', other]
  run('ip', '-n', one, 'link', 'add', end, 'type', 'veth', ...far)
}

function address(namespace: string, device: string, at: string): void {
  run('ip', '-n', namespace, 'addr', 'add', at, 'dev', device)
  run('ip', '-n', namespace, 'link', 'set', device, 'up')
}

function route(namespace: string, nth: number): void {
  const to = ['route', 'add', `10.${nth}.0.0/24`, 'via', `203.0.113.${nth + 1}`]
  run('ip', '-n', namespace, ...to)
}

/** Lets a machine hand on what is for others. */
function handOn(namespace: string): void {
  const write = 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  run('ip', 'netns', 'exec', namespace, 'sh', '-c', write)
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'pipe' })
}

function tryTo(what: () => void): void {
  try {
    what()
  } catch {
    // It is gone, or was never there.
  }
}
