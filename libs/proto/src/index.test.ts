import { describe, expect, it } from 'vitest'
import { chat, common, events, files, images, presence } from './index.ts'

describe('the generated wire contract', () => {
  it('has every service under the name of its package', () => {
    const paths = [
      chat.ChatService.connect.path,
      common.SigningKeysService.list.path,
      files.FilesService.getUsage.path,
      images.ImagesService.getUsage.path,
      presence.PresenceService.report.path,
    ]
    expect(paths).toEqual([
      '/parley.chat.v1.Chat/Connect',
      '/parley.common.v1.SigningKeys/List',
      '/parley.files.v1.Files/GetUsage',
      '/parley.images.v1.Images/GetUsage',
      '/parley.presence.v1.Presence/Report',
    ])
    expect(Object.keys(events).length).toBeGreaterThan(0)
  })

  it('keeps bytes as they are through a round trip', () => {
    const bootId = Buffer.from('0123456789abcdef')
    const report = presence.ReportRequest.fromPartial({ bootId, relay: '一', number: 2 ** 31 })
    const bytes = presence.ReportRequest.encode(report).finish()
    expect(presence.ReportRequest.decode(bytes)).toEqual(report)
  })

  it('refuses a 64-bit number that JavaScript cannot hold', () => {
    // Field 3 (`number`), a varint of 2^60.
    const bytes = Buffer.from([0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10])
    expect(() => presence.ReportRequest.decode(bytes)).toThrow(/MAX_SAFE_INTEGER/)
  })
})
