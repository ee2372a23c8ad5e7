import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { chat } from '@parley/proto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelayWorld } from '../../testing/relay-world.ts'
import type { Message, Person, RelayWorld } from '../../testing/relay-world.ts'

type Target = Message['to']

const toUser = (person: Person): Target => ({ $case: 'userId', value: person.userId })
const toConversation = (id: Buffer): Target => ({ $case: 'conversationId', value: id })
const text = (words: string): Message['content'] => ({ $case: 'text', value: { text: words } })
const edit = (targetSeq: number, words: string): Message['content'] => ({
  $case: 'edit',
  value: { targetSeq, text: words },
})

describe('history over gRPC', () => {
  let folder = ''
  let world: RelayWorld
  let people = 0
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    world = await startRelayWorld(folder)
  })
  afterAll(async () => {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Two contacts, and what the first has sent the second. */
  async function setup(...contents: Message['content'][]) {
    people += 1
    const alice = await world.register(`alice.${people}`)
    const bob = await world.register(`bob.${people}`)
    await alice.contacts.request({ userId: bob.userId })
    await bob.contacts.answer({ userId: alice.userId, accept: true })
    const to = toUser(bob)
    const answers = await world.send(alice, ...contents.map((content) => ({ to, content })))
    const accepted = answers as chat.Accepted[]
    return { alice, bob, conversationId: accepted[0]?.conversationId ?? Buffer.alloc(0), answers }
  }

  const words = (entries: readonly chat.NumberedEntry[]) =>
    entries.map(({ entry }) => (entry!.content!.content!.value as { text?: string }).text)

  it('lists conversations newest first, with what is unread and the last line', async () => {
    const { alice, bob } = await setup(text('one'), text('two'))
    await world.send(bob, { to: toUser(alice), content: text('three') })
    const { conversations, nextPageToken } = await alice.history.listConversations()
    expect(nextPageToken).toBe('')
    expect(conversations).toMatchObject([
      { info: { kind: 1, peerName: bob.name }, headSeq: 3, unread: 1, left: false },
      { info: { kind: 3 }, headSeq: 1, unread: 1 },
    ])
    expect(conversations[0]?.last?.content?.content).toEqual(text('three'))
  })

  it('lists conversations page by page', async () => {
    const { alice } = await setup(text('one'))
    const { group } = await alice.groups.create({ title: 'trip' })
    const titles: (string | undefined)[] = []
    let pageToken = ''
    do {
      const page = await alice.history.listConversations({ limit: 1, pageToken })
      titles.push(...page.conversations.map((each) => each.info?.title || each.info?.peerName))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(titles.slice(0, 2)).toEqual([group?.title, `bob.${people}`])
    expect(titles).toHaveLength(3)
  })

  it('counts as unread what others said after the last read', async () => {
    const { alice, bob } = await setup(text('one'), text('two'), edit(1, 'uno'))
    await world.send(bob, { to: toUser(alice), content: text('mine') })
    const unread = async (person: Person) =>
      (await person.history.listConversations()).conversations.find((each) => each.info?.kind === 1)
        ?.unread
    expect(await unread(bob)).toBe(2)
    expect(await unread(alice)).toBe(1)
  })

  it('lists messages upwards from anywhere, with the newest words of edited ones', async () => {
    const { bob, conversationId } = await setup(
      text('one'),
      text('two'),
      edit(1, 'uno'),
      edit(1, 'eins'),
    )
    const all = await bob.history.listMessages({ conversationId })
    expect(all.more).toBe(false)
    expect(all.entries.map((each) => [each.seq, each.edited])).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, false],
    ])
    expect(words(all.entries).slice(0, 2)).toEqual(['eins', 'two'])
    const page = await bob.history.listMessages({ conversationId, beforeSeq: 4, limit: 2 })
    expect(page.entries.map((each) => each.seq)).toEqual([2, 3])
    expect(page.more).toBe(true)
  })

  it('shows nothing of what was recalled, nor of its edits', async () => {
    const { bob, conversationId } = await setup(text('secret'), edit(1, 'still secret'), {
      $case: 'recall',
      value: { targetSeq: 1 },
    })
    const { entries } = await bob.history.listMessages({ conversationId })
    expect(JSON.stringify(entries)).not.toContain('secret')
    expect(entries.map((each) => each.entry?.content?.content?.$case)).toEqual([
      'erased',
      'erased',
      'recall',
    ])
  })

  it('shows members only what was said while they were there', async () => {
    const { alice, bob } = await setup()
    const { group } = await alice.groups.create({ title: 'trip' })
    const conversationId = group!.conversationId
    const say = (content: Message['content']) =>
      world.send(alice, { to: toConversation(conversationId), content })
    await say(text('before'))
    await alice.groups.invite({ conversationId, userIds: [bob.userId] })
    await say(text('during'))
    await bob.groups.leave({ conversationId })
    await say(text('after'))
    await say(edit(4, 'edited later'))
    const { entries } = await bob.history.listMessages({ conversationId })
    expect(entries.map((each) => each.seq)).toEqual([3, 4, 5])
    expect(words(entries)[1]).toBe('during')
    const { conversations } = await bob.history.listConversations()
    expect(conversations.find((each) => each.conversationId.equals(conversationId))).toMatchObject({
      left: true,
      headSeq: 5,
    })
    await alice.groups.invite({ conversationId, userIds: [bob.userId] })
    const again = await bob.history.listMessages({ conversationId })
    expect(again.entries.map((each) => each.seq)).toEqual([3, 4, 5, 8])
  })

  it('cuts pages of long texts so that they fit into an answer', async () => {
    const long = Array.from({ length: 20 }, () => text('x'.repeat(16_000)))
    const { bob, conversationId } = await setup(...long)
    const { entries, more } = await bob.history.listMessages({ conversationId, limit: 200 })
    expect(entries.length).toBeGreaterThan(5)
    expect(entries.length).toBeLessThan(20)
    expect(entries.at(-1)?.seq).toBe(20)
    expect(more).toBe(true)
  })

  describe('searches', () => {
    const found = async (person: Person, query: string, asked: Partial<chat.SearchRequest> = {}) =>
      (await person.history.search({ query, ...asked })).found

    it('find Chinese words at once, with the newest words and the conversation', async () => {
      const { alice, bob, conversationId } = await setup(text('我们明天去爬山'), text('改天吧'))
      await world.send(alice, { to: toUser(bob), content: edit(2, '后天去爬山') })
      const hits = await found(bob, '爬山')
      expect(hits.map(({ seq }) => seq)).toEqual([2, 1])
      expect(hits[0]).toMatchObject({ conversationId, info: { kind: 1, peerName: alice.name } })
      expect(hits[0]?.entry?.content?.content).toEqual(text('后天去爬山'))
      expect(await found(bob, '改天')).toEqual([])
    })

    it('find nothing that was recalled, nothing of others, and no notices', async () => {
      const { bob } = await setup(text('a secret'), { $case: 'recall', value: { targetSeq: 1 } })
      const { bob: other } = await setup(text('a secret'))
      expect(await found(bob, 'secret')).toEqual([])
      expect(await found(other, 'secret')).toHaveLength(1)
      expect(await found(other, other.name)).toEqual([])
    })

    it('keep to one conversation when asked to', async () => {
      const { alice, conversationId } = await setup(text('tea for two'))
      const { group } = await alice.groups.create({ title: 'trip' })
      await world.send(alice, {
        to: toConversation(group!.conversationId),
        content: text('tea for all'),
      })
      expect(await found(alice, 'TEA')).toHaveLength(2)
      expect(await found(alice, 'TEA', { conversationId })).toMatchObject([{ conversationId }])
    })

    it('tell that there are more than asked for, or than fit into an answer', async () => {
      const { bob } = await setup(
        ...Array.from({ length: 20 }, (_, i) => text(`tea ${i} ${'x'.repeat(16_000)}`)),
      )
      const few = await bob.history.search({ query: 'tea', limit: 3 })
      expect(few.found.map(({ seq }) => seq)).toEqual([20, 19, 18])
      expect(few.more).toBe(true)
      const cut = await bob.history.search({ query: 'tea', limit: 100 })
      expect(cut.found.length).toBeGreaterThan(5)
      expect(cut.found.length).toBeLessThan(20)
      expect(cut.more).toBe(true)
      expect(await bob.history.search({ query: 'tea 7' })).toMatchObject({ more: false })
    })
  })
})
