import { FakeScheduler } from '@parley/testkit'
import { Requests, maxRequestBytes } from '../../../apps/relay/src/dialects/text/framing.ts'
import { nameEscaping, textEscaping } from '../../../apps/relay/src/dialects/text/escaping.ts'
import { parseRequest } from '../../../apps/relay/src/dialects/text/text-codec.ts'
import { piecesOf } from '../input.ts'
import type { Random } from '../input.ts'
import type { Target } from '../target.ts'

/** What clients of S2 say, with and without line ends. */
export const textSessions: readonly Buffer[] = [
  '101|ann,correct horse\n102|\n103|ann,bob,hello, you | and @ you\n',
  '101|ann,correct horse\r\n103|ann,bob#group,你好 👋 ↵ ｜ ＠\r\n102|\r\n',
  '101|ann,correct horse',
  '103|ann,bob,first line\nsecond line\n101|no login',
].map((text) => Buffer.from(text))

/** Pieces of what they say. */
export const textWords: readonly Buffer[] = [
  '101|',
  '102|',
  '103|',
  '10',
  '|',
  ',',
  '@',
  '\n',
  '\r\n',
  '\r',
  '\0',
  'ann',
  '#',
  '~',
  '↵',
  '␍',
  '｜',
  '＠',
  '，',
  '⁠',
  '⁠⁠',
  '﻿',
  'x'.repeat(600),
].map((text) => Buffer.from(text))

const longSilenceMs = 600

/** The requests of a client of S2, whole or in pieces, and how texts are escaped for it. */
export const textRequests: Target = {
  name: 'text requests',
  weight: 15,
  maxGrowthBytes: 4 * 2 ** 20,
  open: () => ({
    sessions: textSessions,
    words: textWords,
    async try(input, random) {
      const { read, refused } = await readAll(input, random)
      for (const request of read) isTakenBack(request.toString())
      if (refused) return 'too long'
      return read.some((request) => parseRequest(request.toString())) ? 'a request' : 'none'
    },
  }),
}

async function readAll(input: Buffer, random: Random) {
  const scheduler = new FakeScheduler()
  const requests = new Requests(scheduler, () => undefined)
  const read: Buffer[] = []
  const take = () => {
    for (;;) {
      const next = requests.next()
      if (next === 'too long') return true
      if (next === undefined) return false
      if (next.length > maxRequestBytes) throw new Error(`a request of ${next.length} bytes`)
      read.push(next)
    }
  }
  let refused = false
  for (const piece of piecesOf(input, random)) {
    requests.push(piece)
    if (random() < 0.1) await scheduler.advance(longSilenceMs)
    refused ||= take()
    if (refused) break
  }
  requests.end()
  refused ||= take()
  requests.close()
  if (!refused && !requests.isDone) throw new Error('something is left of a client that has gone')
  return { read, refused }
}

function isTakenBack(text: string): void {
  for (const [escaping, separators] of [
    [textEscaping, /[\n\r|@]/],
    [nameEscaping, /[\n\r|@,]/],
  ] as const) {
    const escaped = escaping.escape(text)
    if (separators.test(escaped)) throw new Error('an escaped text holds what ends it')
    if (escaping.unescape(escaped) !== text) throw new Error('an escaped text is not taken back')
  }
}
