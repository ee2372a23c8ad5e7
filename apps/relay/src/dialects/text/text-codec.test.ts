import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { listAnswer, messageAnswer, parseRequest, readingsOf, seedTime } from './text-codec.ts'
import { lineEscaping, nameEscaping, textEscaping } from './escaping.ts'

const atMs = new Date(2016, 0, 29, 11, 11, 11).getTime()

describe('a request', () => {
  test.each([
    ['101|ann,secret', { code: '101', name: 'ann', password: 'secret' }],
    ['101|ann,a,b,,|@', { code: '101', name: 'ann', password: 'a,b,,|@' }],
    ['101|ann,', { code: '101', name: 'ann', password: '' }],
    ['102|', { code: '102' }],
    ['103|ann,bob,hi', { code: '103', from: 'ann', to: 'bob', text: 'hi' }],
    ['103|ann,#a group,1,2|3@4', { code: '103', from: 'ann', to: '#a group', text: '1,2|3@4' }],
    ['103|ann,bob,one↵two', { code: '103', from: 'ann', to: 'bob', text: 'one\ntwo' }],
    ['103|ann,bob,', { code: '103', from: 'ann', to: 'bob', text: '' }],
  ])('is read: %s', (request, said) => {
    expect(parseRequest(request)).toEqual(said)
  })

  test.each([
    '',
    '|',
    '101',
    '101|ann',
    '102',
    '102|x',
    '103|ann',
    '103|ann,bob',
    '104|',
    '1011|a,b',
  ])('is none: "%s"', (request) => expect(parseRequest(request)).toBeUndefined())

  test('of any text says what it came with, or is none', () => {
    const head = fc.constantFrom('101|', '102|', '103|', '')
    const rest = fc.array(fc.constantFrom(...Array.from('a,|@↵\u2060#')), { maxLength: 12 })
    fc.assert(
      fc.property(head, rest, (opening, signs) => {
        const whole = opening + signs.join('')
        const said = parseRequest(whole)
        if (said?.code === '101') expect(`101|${said.name},${said.password}`).toBe(whole)
        if (said?.code === '102') expect(whole).toBe('102|')
        if (said?.code === '103')
          expect(whole.startsWith(`103|${said.from},${said.to},`)).toBe(true)
        const commas = whole.split(',').length - 1
        const least = opening === '101|' ? 1 : opening === '103|' ? 2 : Infinity
        expect(said !== undefined).toBe(commas >= least || whole === '102|')
      }),
    )
  })
})

describe('an answer', () => {
  test('is written as the seed has it', () => {
    expect(listAnswer(['Tom', 'jack', 'luly'], atMs)).toBe(
      '1|102@Server@Tom,jack,luly@2016-1-29 11:11:11',
    )
    expect(messageAnswer('Jack', 'How are you doing?', atMs)).toBe(
      '1|103@Jack@How are you doing?@2016-1-29 11:11:11',
    )
  })

  test('has the time in the zone of the server, day and hour without zeros', () => {
    expect(seedTime(new Date(2026, 10, 2, 3, 4, 5).getTime())).toBe('2026-11-2 3:04:05')
  })

  test('is taken apart at its bars and at-signs, whatever it carries', () => {
    const any = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(any, any, (sender, text) => {
        const [ok, ...rest] = messageAnswer(sender, text, atMs).split('|')
        const [code, from, said, time] = rest.join('|').split('@')
        expect([ok, code, time]).toEqual(['1', '103', '2016-1-29 11:11:11'])
        expect(nameEscaping.unescape(from!)).toBe(sender)
        expect(textEscaping.unescape(said!)).toBe(text)
      }),
    )
  })

  test('lists titles with commas as one name each', () => {
    const names = ['ann', '#tea, cake', '#喝茶，吃饼']
    const [, , listed] = listAnswer(names, atMs).split('@')
    expect(listed!.split(',').map(nameEscaping.unescape)).toEqual(names)
  })
})

test('a text of a request comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const request = parseRequest(`103|ann,bob,${lineEscaping.escape(text)}`)
      expect(request).toEqual({ code: '103', from: 'ann', to: 'bob', text })
    }),
  )
})

test.each([
  { note: 'a person', to: 'bob', shown: 'bob' },
  { note: 'a group as listed', to: '#tea， cake', shown: '#tea, cake' },
  { note: 'a group as its member shows', to: 'bob#tea， cake', shown: 'bob#tea, cake' },
  { note: 'a wide comma as listed', to: '#喝茶，\u2060吃饼', shown: '#喝茶，吃饼' },
  { note: 'a wide comma as typed', to: '#喝茶，吃饼', shown: '#喝茶,吃饼' },
])('a receiver is read as it is shown, else as it is typed: $note', ({ to, shown }) => {
  expect(readingsOf(to)).toEqual([shown, to])
})
