import { eventually } from '@parley/testkit'
import { expect, test } from 'vitest'
import { contentOf } from '../harness/parley-command.ts'
import type { Line, RunningCommand } from '../harness/parley-command.ts'
import { testWorld } from '../harness/world.ts'
import type { World } from '../harness/world.ts'

const worlds = [
  { note: 'one relay on SQLite', sends: 100, options: {} },
  { note: 'two relays on MariaDB', sends: 30, options: { store: 'mariadb', relays: 2 } },
] as const
const atOnce = 4

async function befriend(world: World): Promise<void> {
  await world.parley('ann').must(['friends', 'add', 'bob'])
  await world.parley('bob').must(['friends', 'accept', 'ann'])
}

/** The texts on a screen, with the numbers under which they came, in the order they came. */
function texts(watch: RunningCommand): { seq: number; text: string }[] {
  return watch.lines.flatMap((line: Line) => {
    const { kind, text } = contentOf(line)
    return kind === 'text' ? [{ seq: Number(line['seq']), text: String(text) }] : []
  })
}

async function until(watch: RunningCommand, count: number): Promise<void> {
  const told = () => {
    if (texts(watch).length >= count) return true
    throw new Error(`${texts(watch).length} of ${count}`)
  }
  await eventually(told, { timeoutMs: 30_000 })
}

test.each(worlds)(
  'two devices of one user both get everything while $sends one-shot sends run beside a watch of the same home ($note)',
  async ({ sends, options }) => {
    const world = await testWorld(options)
    await world.parley('ann').register('ann')
    await world.parley('bob').register('bob')
    await befriend(world)
    await world.parley('bob phone').login('bob')

    const watches = ['ann', 'bob', 'bob phone'].map((home) => world.parley(home).start(['watch']))
    for (const watch of watches) await watch.until((line) => line['state'] === 'caught-up')

    const wanted = Array.from({ length: sends }, (_, i) => `message ${i + 1}`)
    const queue = [...wanted]
    const sender = async () => {
      for (let text = queue.shift(); text !== undefined; text = queue.shift()) {
        const { lines } = await world.parley('ann').must(['send', '@bob', text])
        expect(lines).toEqual([expect.objectContaining({ type: 'sent', duplicate: false })])
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sender))
    // The sender's own watch is another session of that device, and another device is one, too.
    await Promise.all(watches.map((watch) => until(watch, sends)))

    const screens = watches.map((watch) => texts(watch))
    for (const screen of screens) {
      expect(screen.map(({ text }) => text).toSorted()).toEqual(wanted.toSorted())
      expect(screen.map(({ seq }) => seq)).toEqual(screen.map((_, i) => screen[0]!.seq + i))
      expect(screen).toEqual(screens[0])
    }
    for (const watch of watches) {
      const states = watch.lines.flatMap((line) => (line['state'] ? [line['state']] : []))
      expect(states, 'no watch was disturbed').toEqual(['connecting', 'online', 'caught-up'])
    }
    const { lines: waiting } = await world.parley('ann').must(['outbox', 'list'])
    expect(waiting).toEqual([])
    const ended = await Promise.all(watches.map((watch) => watch.stop()))
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(world.deaths()).toEqual([])
  },
)

test.each(worlds)(
  'what one device sends appears on the other, and what is read on one is read on both ($note)',
  async ({ options }) => {
    const world = await testWorld(options)
    await world.parley('ann').register('ann')
    await world.parley('bob').register('bob')
    await befriend(world)
    await world.parley('bob phone').login('bob')
    const phone = world.parley('bob phone').start(['watch'])
    await phone.until((line) => line['state'] === 'caught-up')

    await world.parley('bob').must(['send', '@ann', 'from my desk'])
    await phone.until((line) => contentOf(line)['text'] === 'from my desk')
    await world.parley('ann').must(['send', '@bob', 'to all your devices'])
    await phone.until((line) => contentOf(line)['text'] === 'to all your devices')
    const unread = async (home: string) => {
      const { lines } = await world.parley(home).must(['inbox'])
      return lines.find((line) => line.type === 'conversation' && line['unread'] !== undefined)?.[
        'unread'
      ]
    }
    expect([await unread('bob'), await unread('bob phone')]).toEqual([1, 1])
    await world.parley('bob').must(['read', '@ann'])
    await eventually(async () => (await unread('bob phone')) === 0)
  },
)
