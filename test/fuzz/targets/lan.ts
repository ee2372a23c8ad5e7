import {
  encodeAnnouncement,
  parseAnnouncement,
} from '../../../apps/cli-client/src/lan/announcement.ts'
import { encodeLanMessage, parseLanMessage } from '../../../apps/cli-client/src/lan/lan-message.ts'
import type { Target } from '../target.ts'

const key = Buffer.alloc(32, 5)
const messageId = '0190a6c0-0000-7000-8000-000000000001'

const announcements = [
  encodeAnnouncement({ kind: 'here', name: 'ann', tcpPort: 5_000, publicKey: key }),
  encodeAnnouncement({ kind: 'leaving', name: '小明', tcpPort: 65_535, publicKey: key }),
]

const messages = [
  encodeLanMessage({ type: 'say', messageId, text: 'Grüße 👋', sentAtMs: 1_700_000_000_000 }),
  encodeLanMessage({ type: 'shown', messageId }),
]

/** What clients shout into their network: what is read is exactly what they have said. */
export const lanAnnouncements: Target = {
  name: 'LAN announcements',
  weight: 8,
  maxGrowthBytes: 4 * 2 ** 20,
  open: () => ({
    sessions: announcements,
    words: [
      ...announcements.map((bytes) => bytes.subarray(0, 8)),
      ...['PLAN', '\x01', '\0', '\x03ann', '\xff', '\xc3\xa9'].map((text) =>
        Buffer.from(text, 'latin1'),
      ),
      key,
      Buffer.from('小明'),
      Buffer.from('\u202e'),
    ],
    try(input) {
      const heard = parseAnnouncement(input)
      if (heard === undefined) return 'none'
      const again = parseAnnouncement(encodeAnnouncement(heard))
      if (again?.name !== heard.name) throw new Error('an announcement is not read again')
      return heard.kind
    },
  }),
}

/** What they say to each other over a channel. */
export const lanMessages: Target = {
  name: 'LAN messages',
  weight: 6,
  maxGrowthBytes: 4 * 2 ** 20,
  open: () => ({
    sessions: messages,
    words: [
      '{',
      '}',
      ',',
      ':',
      '"type":',
      '"say"',
      '"messageId":',
      '"text":""',
      '"sentAtMs":',
      '1e400',
      '-1',
      '[',
      ']',
      '{"__proto__":',
      '"\\ud800"',
      `"${messageId}"`,
      'null',
    ].map((text) => Buffer.from(text)),
    try(input) {
      const message = parseLanMessage(input)
      if (message === undefined) return 'none'
      if (!parseLanMessage(encodeLanMessage(message)))
        throw new Error('a message is not read again')
      return message.type
    },
  }),
}
