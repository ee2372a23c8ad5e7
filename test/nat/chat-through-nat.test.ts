import path from 'node:path'
import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { areNetworksMissing, homes } from './networks.ts'
import type { Homes, Router } from './networks.ts'
import { Program } from './program.ts'

const isSkipped = areNetworksMissing('direct chat through NATs')
const cli = 'apps/cli-client/bin/parley.js'
const patience = { timeoutMs: 90_000, everyMs: 100 }

type Line = Readonly<Record<string, unknown>>

/** All services in the middle, as `npm start` starts them there. */
async function servicesIn({ middle, server }: Homes, folder: string): Promise<void> {
  const services = new Program(middle, ['scripts/start.ts'], {
    HOST: server,
    PORT_BASE: '20000',
    ALLOW_PLAINTEXT: '1',
    RENDEZVOUS: 'where',
    RENDEZVOUS_PUBLIC: `${server}:20005`,
    DATA_DIR: path.join(folder, 'data'),
  })
  await eventually(() => {
    if (services.lines.some((line) => line.includes('20000'))) return
    throw new Error(`not up: ${services.lines.join(' / ')} ${services.errors}`)
  }, patience)
}

/** Somebody at home, whose machine knows the server in the middle. */
class Inhabitant {
  readonly #namespace: string
  readonly #env: Readonly<Record<string, string>>

  constructor(namespace: string, name: string, server: string, folder: string) {
    this.#namespace = namespace
    this.#env = {
      PARLEY_SERVER: `${server}:20000`,
      PARLEY_HOME: path.join(folder, name),
      PARLEY_PASSWORD: `correct horse of ${name}`,
      ALLOW_PLAINTEXT: '1',
    }
  }

  start(...args: readonly string[]): Program {
    return new Program(this.#namespace, [cli, '--json', ...args], this.#env)
  }

  /** Runs a command to its end. */
  async does(...args: readonly string[]): Promise<void> {
    const command = this.start(...args)
    if ((await command.ended) !== 0) throw new Error(`${args.join(' ')}: ${command.errors}`)
  }
}

/** Ann and bob, friends at homes behind such routers, in a chat with each other. */
async function chatting(ofAnn: Router, ofBob: Router) {
  const nets = homes(ofAnn, ofBob)
  const folder = await tempFolder()
  await servicesIn(nets, folder)
  const ann = new Inhabitant(nets.ann, 'ann', nets.server, folder)
  const bob = new Inhabitant(nets.bob, 'bob', nets.server, folder)
  await Promise.all([ann.does('register', 'ann'), bob.does('register', 'bob')])
  await ann.does('friends', 'add', 'bob')
  await bob.does('friends', 'accept', 'ann')
  await ann.does('send', '@bob', 'before')
  const atAnn = ann.start('chat', '@bob', '--direct')
  const atBob = bob.start('chat', '@ann', '--direct')
  return { atAnn, atBob }
}

function linesOf({ lines }: Program, type: string): Line[] {
  const all = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line)
  return all.filter((line) => line['type'] === type)
}

/** The words of what a program was shown, whichever way it came, each once. */
function wordsIn(program: Program): unknown[] {
  const direct = linesOf(program, 'direct-message').map((line) => line['text'])
  const stored = linesOf(program, 'entry')
    .filter((line) => line['shown'] !== true && line['senderName'] === 'ann')
    .map((line) => (line['content'] as Line)['text'])
  return [...direct, ...stored].filter((words) => String(words).startsWith('word '))
}

describe.skipIf(isSkipped)('parley at two homes', () => {
  test('port-restricted and port-restricted: what is said goes directly, and is shown once', async () => {
    const { atAnn, atBob } = await chatting('port-restricted', 'port-restricted')
    await eventually(() => {
      const isOpen = [atAnn, atBob].every((at) => linesOf(at, 'direct-path').length > 0)
      if (!isOpen) throw new Error(`${atAnn.lines.join('\n')}\n${atBob.errors}`)
    }, patience)
    // Of two ways either may be faster, once: words are said until some came directly.
    let said = 0
    await eventually(async () => {
      atAnn.tell(`word ${(said += 1)}`)
      await eventually(() => wordsIn(atBob).length >= said, patience)
      return linesOf(atBob, 'direct-message').length > 0
    }, patience)
    const words = Array.from({ length: said }, (_, i) => `word ${i + 1}`)
    expect(wordsIn(atBob)).toHaveLength(said)
    expect(new Set(wordsIn(atBob))).toEqual(new Set(words))
  })

  test('symmetric and symmetric: what is said comes by the relay', async () => {
    const { atAnn, atBob } = await chatting('symmetric', 'symmetric')
    const words = Array.from({ length: 20 }, (_, i) => `word ${i + 1}`)
    await eventually(() => linesOf(atBob, 'entry').length > 0, patience)
    for (const each of words) atAnn.tell(each)
    await eventually(() => wordsIn(atBob).length >= words.length, patience)
    expect(wordsIn(atBob)).toEqual(words)
    expect(linesOf(atBob, 'direct-path')).toEqual([])
  })
})
