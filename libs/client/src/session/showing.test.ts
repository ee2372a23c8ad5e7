import { eventually, tempFolder } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { connect } from './chat-session.ts'
import type { ClientEvent } from '../client-events.ts'
import { openHome } from '../state/home.ts'
import type { LocalState } from '../state/local-state.ts'
import type { ScriptedRelay } from '../testing/scripted-relay.ts'
import { loggedIn, startClient, startRelay, storedWords, toldWords } from '../testing/world.ts'
import { systemScheduler } from '@parley/service-kit'

/** A conversation of five entries, and a device that has stored them while its reader showed two. */
async function stuckAfterTwo() {
  const relay = await startRelay()
  const conversation = relay.log.open()
  const folder = await tempFolder()
  const state = await openHome(folder)
  loggedIn(relay, state, systemScheduler)
  const client = connect({ servers: [relay.address], state })
  const reader = client.events()
  const shown: number[] = []
  for (const words of ['m1', 'm2', 'm3', 'm4', 'm5']) {
    await client.caughtUp()
    relay.write(conversation, words)
    const seq = conversation.entries.length
    await eventually(() => expect(stored(state, client.login.userId)).toBe(seq))
    if (shown.length < 2) shown.push(await nextEntries(reader))
  }
  return { relay, conversation, folder, state, client, shown }
}

function stored(state: LocalState, userId: string): number {
  return state.account(userId).conversations()[0]?.seq ?? 0
}

async function nextEntries(reader: AsyncIterator<ClientEvent>): Promise<number> {
  for (;;) {
    const { value } = (await reader.next()) as { value: ClientEvent }
    if (value.type === 'entries') return value.firstSeq
  }
}

async function again(relay: ScriptedRelay, folder: string) {
  const state = await openHome(folder)
  return startClient(relay, { state })
}

describe('what was stored', () => {
  test('but not shown when its process ended is told again, once, before anything else', async () => {
    const { relay, conversation, folder, state, client, shown } = await stuckAfterTwo()
    expect(shown).toEqual([1, 2])
    await client.close()
    state.close()
    const second = await again(relay, folder)
    await second.client.caughtUp()
    relay.write(conversation, 'm6')
    // The reader never came back from m2.
    const rest = ['m2', 'm3', 'm4', 'm5', 'm6']
    await eventually(() => expect(toldWords(second, conversation.id)).toEqual(rest))
    expect(storedWords(second, conversation.id)).toHaveLength(6)
    expect(second.events.findIndex(({ type }) => type === 'entries')).toBe(0)
    await second.client.close()
    second.state.close()
    const third = await again(relay, folder)
    await third.client.caughtUp()
    expect(toldWords(third, conversation.id)).toEqual([])
  })
})
