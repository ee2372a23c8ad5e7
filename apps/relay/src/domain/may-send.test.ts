import { describe, expect, test } from 'vitest'
import {
  contentKind,
  mayEdit,
  mayNudge,
  mayRecall,
  maySendDirect,
  maxEdits,
  nudgeMs,
  recallMs,
  saidKinds,
  strangerTexts,
} from './may-send.ts'

const stranger = { areContacts: false, blocked: false, unanswered: 0, kind: contentKind.text }
const own = { kind: contentKind.text, isOwn: true, sentAtMs: 1_000 } as const

describe('sending to a person', () => {
  test('contacts may send anything', () => {
    for (const kind of Object.values(contentKind)) {
      expect(maySendDirect({ ...stranger, areContacts: true, kind })).toBeUndefined()
    }
  })

  test('a stranger may send three texts until the other answers', () => {
    expect(maySendDirect({ ...stranger, unanswered: strangerTexts - 1 })).toBeUndefined()
    expect(maySendDirect({ ...stranger, unanswered: strangerTexts })).toBe('STRANGER_LIMIT')
    expect(maySendDirect({ ...stranger, kind: contentKind.image })).toBe('STRANGER_TEXT_ONLY')
    expect(maySendDirect({ ...stranger, kind: contentKind.nudge })).toBe('STRANGER_TEXT_ONLY')
  })

  test('a stranger may take back or mend what was sent', () => {
    const full = { ...stranger, unanswered: strangerTexts }
    expect(maySendDirect({ ...full, kind: contentKind.recall })).toBeUndefined()
    expect(maySendDirect({ ...full, kind: contentKind.edit })).toBeUndefined()
  })

  test('who is blocked sends nothing, contact or not', () => {
    expect(maySendDirect({ ...stranger, areContacts: true, blocked: true })).toBe('BLOCKED')
  })
})

describe('changing an entry', () => {
  test('only an own text can be edited, and not for ever', () => {
    expect(mayEdit(own, 0)).toBeUndefined()
    expect(mayEdit(undefined, 0)).toBe('NO_SUCH_ENTRY')
    expect(mayEdit({ ...own, isOwn: false }, 0)).toBe('NOT_YOURS')
    expect(mayEdit({ ...own, kind: contentKind.file }, 0)).toBe('NOT_EDITABLE')
    expect(mayEdit({ ...own, kind: contentKind.erased }, 0)).toBe('NOT_EDITABLE')
    expect(mayEdit(own, maxEdits)).toBe('EDITED_TOO_OFTEN')
  })

  test('the sender may recall for a day, an admin at any time', () => {
    const late = own.sentAtMs + recallMs + 1
    expect(mayRecall(own, false, own.sentAtMs + recallMs)).toBeUndefined()
    expect(mayRecall(own, false, late)).toBe('TOO_LATE')
    expect(mayRecall({ ...own, isOwn: false }, true, late)).toBeUndefined()
    expect(mayRecall({ ...own, isOwn: false }, false, 0)).toBe('NOT_YOURS')
  })

  test('whatever was said can be recalled', () => {
    for (const kind of saidKinds) expect(mayRecall({ ...own, kind }, false, 0)).toBeUndefined()
    expect([...saidKinds]).toEqual(expect.arrayContaining([contentKind.face, contentKind.sticker]))
  })

  test('nobody recalls what is no message, or twice', () => {
    for (const kind of [
      contentKind.nudge,
      contentKind.edit,
      contentKind.recall,
      contentKind.erased,
    ]) {
      expect(mayRecall({ ...own, kind }, true, 0)).toBe('NOT_RECALLABLE')
    }
    expect(mayRecall(undefined, true, 0)).toBe('NO_SUCH_ENTRY')
  })
})

test('one nudge in five seconds is enough', () => {
  expect(mayNudge(10_000, 10_000 + nudgeMs - 1)).toBe('TOO_SOON')
  expect(mayNudge(10_000, 10_000 + nudgeMs)).toBeUndefined()
})
