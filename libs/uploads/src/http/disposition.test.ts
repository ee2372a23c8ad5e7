import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attachment, safeName } from './disposition.ts'

describe('safeName', () => {
  test.each([
    ['report.pdf', 'report.pdf', 'a plain name'],
    ['../../etc/passwd', 'passwd', 'a path'],
    ['C:\\Users\\x\\evil.exe', 'evil.exe', 'a path of another system'],
    ['..', 'download', 'a folder'],
    ['.bashrc', 'bashrc', 'a hidden file'],
    ['-rf', 'rf', 'an option'],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie: x=1', 'a header injection'],
    ['a\u0000b', 'ab', 'a NUL'],
    ['photo\u202Egpj.exe', 'photogpj.exe', 'a bidi override'],
    ['\u2028\u200B', 'download', 'nothing visible'],
    ['', 'download', 'nothing'],
    [undefined, 'download', 'no name'],
    ['年度报告.docx', '年度报告.docx', 'Chinese'],
    ['😀'.repeat(300), '😀'.repeat(200), 'too long, cut between characters'],
  ])('makes %j harmless: %j', (name, expected, _note) => {
    expect(safeName(name)).toBe(expected)
  })
})

describe('attachment', () => {
  test('gives an ASCII name to old clients and the true one to the others', () => {
    expect(attachment('报告 "1".txt')).toBe(
      `attachment; filename="__ _1_.txt"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%221%22.txt`,
    )
  })

  test('is always one line of printable ASCII with balanced quotes, and decodes to the safe name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const header = attachment(name)
        expect(header).toMatch(
          /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w.%~$&+^`|#-]*$/,
        )
        expect(header).toMatch(/^[\x20-\x7e]*$/)
        const encoded = header.split("UTF-8''")[1] ?? ''
        expect(decodeURIComponent(encoded)).toBe(safeName(name))
      }),
    )
  })
})
