import { chat } from '@parley/proto'
import { eventually } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { chatAtTerminal as setup, conversation, tea } from '../testing/chat-at-terminal.ts'

let nextSeq = 0

function says(name: string, text: string) {
  nextSeq += 1
  const content = { content: { $case: 'text', value: { text } } }
  const entry = { senderName: name, sentAtMs: Date.now(), content }
  return { type: 'entries', conversation, firstSeq: nextSeq, entries: [entry] }
}

describe('the prompt of parley chat', () => {
  test('a message of somebody else appears above the line being typed, which stays', async () => {
    const { type, event, shows, cursorColumn } = await setup()
    await shows(/^#Tea> *$/)
    type('half a sent')
    await shows(/> half a sent$/)
    const column = cursorColumn()
    event(says('bob', 'hello 早上好'))
    await shows(/#\d+ bob: hello 早上好$/, /> half a sent$/)
    await eventually(() => cursorColumn() === column)
  })

  test('a line longer than the screen stays whole under what arrives', async () => {
    const { type, event, shows } = await setup()
    await shows(/^#Tea> *$/)
    type(`begin ${'x'.repeat(60)} end`)
    await shows(/ end$/)
    event(says('bob', 'one'))
    event(says('bob', 'two'))
    await shows(/bob: one$/, /bob: two$/, /^#Tea> begin x+$/, /^x+ end$/)
  })

  test('a sent line leaves the prompt and comes back with its number', async () => {
    const { type, event, shows, asked } = await setup()
    await shows(/^#Tea> *$/)
    type('good morning\r')
    await eventually(() => asked.some((one) => 'send' in one))
    expect(asked.find((one) => 'send' in one)).toMatchObject({
      send: { text: 'good morning' },
      to: { conversationId: tea },
    })
    event(says('alice', 'good morning'))
    await shows(/#\d+ alice: good morning$/, /^#Tea> *$/)
  })

  test('what was shown in the open conversation counts as read', async () => {
    const { event, asked } = await setup()
    event(says('bob', 'hi'))
    await eventually(() => asked.some((one) => one['read'] === nextSeq))
  })

  test('an escape sequence from somebody else only looks odd', async () => {
    const { event, shows, rows } = await setup()
    await shows(/^#Tea> *$/)
    event(says('bob', 'kept'))
    event(says('eve', '\u001b[2J\u001b[Hgone\u001b]0;title\u0007'))
    await shows(/bob: kept$/, /eve: ␛\[2J␛\[Hgone␛\]0;title␇/, /^#Tea> *$/)
    expect(rows().join('\n')).toContain('kept')
  })

  test('a refusal and an unknown command say why and the chat goes on', async () => {
    const { type, shows } = await setup(120)
    await shows(/^#Tea> *$/)
    type('/reqly 3 x\r')
    await shows(/! USAGE: no such command: \/reqly \(did you mean \/reply\?\)/, /^#Tea> *$/)
    type('/reply three x\r')
    await shows(/! USAGE: .*"three" is no number/, /^#Tea> *$/)
    type('refuse me\r')
    await shows(/! BLOCKED: they blocked you/, /^#Tea> *$/)
  })

  test('/help lists the commands inside', async () => {
    const { type, shows } = await setup(100)
    await shows(/^#Tea> *$/)
    type('/help\r')
    await shows(/\/help +show this list/, /\/quit +leave/, /Anything else is said/, /^#Tea> *$/)
  })

  test('leaves with a failure when the login has ended', async () => {
    const { event, shows, ended } = await setup()
    await shows(/^#Tea> *$/)
    const why = { reason: 'REVOKED', message: 'this login has ended, log in again' }
    event({ type: 'connection', connection: { state: 'stopped', ...why } })
    expect(await ended).toBe(1)
  })

  test('somebody coming or going is told, not that presence is away for a while', async () => {
    const { event, shows } = await setup()
    await shows(/^#Tea> *$/)
    const bobIs = (availability: chat.Availability) =>
      event({
        type: 'presence',
        users: [{ userId: 'u', userName: 'bob', availability, asOfMs: 1 }],
      })
    const { OFFLINE, ONLINE, UNKNOWN } = chat.Availability
    for (const each of [OFFLINE, ONLINE, UNKNOWN, ONLINE, UNKNOWN, OFFLINE]) bobIs(each)
    await shows(/shown$|own$/, /^~ @bob is online$/, /^~ @bob is offline$/, /^#Tea> *$/)
  })

  test.each([
    ['/quit', '/quit\r'],
    ['Ctrl-D', '\u0004'],
    ['Ctrl-C on an empty line', '\u0003'],
    ['Ctrl-C twice on a begun one', 'half\u0003\u0003'],
  ])('%s leaves cleanly', async (_note, keys) => {
    const { type, shows, ended } = await setup()
    await shows(/^#Tea> *$/)
    type(keys)
    expect(await ended).toBe(0)
  })
})
