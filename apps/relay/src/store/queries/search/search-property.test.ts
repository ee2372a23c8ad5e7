import { chat } from '@parley/proto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { index, searched } from '../../../testing/search-world.ts'
import { emptyWorld } from '../../../testing/world.ts'
import type { World, WorldUser } from '../../../testing/world.ts'

const { Edit, Recall, Text } = chat

/** Words that contain each other, in several scripts. */
const word = fc.constantFrom('tea', 'TEAM', 'steam', '北京', '北京市', '东京tower', 'to', '茶', 'é')
const action = fc.record({
  what: fc.constantFrom(
    'say',
    'say',
    'say',
    'say',
    'burst',
    'edit',
    'edit',
    'recall',
    'come or go',
    'index',
  ),
  where: fc.constantFrom('direct', 'group'),
  who: fc.constantFrom('ann', 'bob'),
  which: fc.nat(),
  words: fc.array(word, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
})
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** Two contacts and a group that bob leaves and joins again, played step by step. */
class Stage {
  readonly world: World = emptyWorld()
  readonly ann = this.world.register('ann')
  readonly bob = this.world.register('bob')
  readonly group: Uint8Array
  readonly direct: Uint8Array
  readonly #said: { who: WorldUser; where: Uint8Array; seq: number }[] = []
  #isIn = false

  constructor() {
    this.world.befriend(this.ann, this.bob)
    const made = { user: this.ann.user, title: 'trip', open: true, userIds: [] }
    this.group = this.world.run('createGroup', made).conversationId
    this.direct = this.#say(this.ann, this.bob.userId, 'hello')
  }

  async play({ what, where, who, which, words }: Action): Promise<void> {
    const said = this.#said[which % this.#said.length]
    const place = where === 'direct' ? this.direct : this.group
    if (what === 'index') await index(this.world)
    else if (what === 'come or go') this.#comeOrGo()
    else if (what === 'edit' && said) this.#edit(said, words)
    else if (what === 'recall' && said) this.#recall(said)
    else if (what === 'burst') for (let i = 0; i < 70; i += 1) this.#say(this.ann, place, `${i} x`)
    else
      this.#say(
        who === 'bob' && (place === this.direct || this.#isIn) ? this.bob : this.ann,
        place,
        words,
      )
  }

  #say(who: WorldUser, where: Uint8Array, words: string): Uint8Array {
    const content = { $case: 'text', value: Text.create({ text: words }) } as const
    const { seq, conversationId } = this.world.send(who, where, content)
    this.#said.push({ who, where: conversationId, seq })
    return conversationId
  }

  #edit({ who, where, seq }: { who: WorldUser; where: Uint8Array; seq: number }, words: string) {
    if (who === this.bob && where !== this.direct && !this.#isIn) return
    const value = Edit.create({ targetSeq: seq, text: words })
    this.#try(() => this.world.send(who, where, { $case: 'edit', value }))
  }

  #recall({ who, where, seq }: { who: WorldUser; where: Uint8Array; seq: number }) {
    const value = Recall.create({ targetSeq: seq })
    this.#try(() => this.world.send(who, where, { $case: 'recall', value }))
  }

  #comeOrGo() {
    const bob = { user: this.bob.user, conversationId: this.group }
    this.world.run(this.#isIn ? 'leaveGroup' : 'joinGroup', bob)
    this.#isIn = !this.#isIn
  }

  // What was recalled before, or may not be changed any more, stays as it is.
  #try(send: () => unknown): void {
    try {
      send()
    } catch (error) {
      expect(String(error)).toMatch(/TARGET|RECALL|EDIT|MEMBER|ERASED/)
    }
  }
}

/** What somebody reads in all conversations and finds the words in, by reading everything. */
async function readBy({ world, group, direct }: Stage, who: WorldUser, words: readonly string[]) {
  const found: string[] = []
  for (const conversationId of [group, direct]) {
    const asked = { user: who.user, conversationId, beforeSeq: 0, limit: 100_000 }
    for (const { seq, entry, edit } of (await world.ask('logPage', asked)) ?? []) {
      const said = chat.Entry.decode(entry).content?.content
      if (said?.$case !== 'text') continue
      const now = edit === null ? said : chat.Entry.decode(edit).content?.content
      const text = (
        now?.$case === 'edit' || now?.$case === 'text' ? now.value.text : ''
      ).toLowerCase()
      if (words.every((each) => text.includes(each))) found.push(place(conversationId, seq))
    }
  }
  return found.toSorted()
}

const place = (conversationId: Uint8Array, seq: number) =>
  `${Buffer.from(conversationId).toString('hex')} ${seq}`

test('a search finds exactly what reading everything finds, however far the index is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60, size: 'max' }),
      fc.array(word, { minLength: 1, maxLength: 2 }),
      async (actions, query) => {
        const stage = new Stage()
        for (const each of actions) await stage.play(each)
        const words = query.map((each) => each.toLowerCase())
        for (const who of [stage.ann, stage.bob]) {
          const { found, more } = await searched(stage.world, who, query.join(' '))
          const places = found.map(({ conversationId, seq }) => place(conversationId, seq))
          expect(places.toSorted()).toEqual(await readBy(stage, who, words))
          expect(more).toBe(false)
          const messages = found.map(({ message }) => message)
          expect(messages).toEqual(messages.toSorted((one, other) => other - one))
        }
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)
