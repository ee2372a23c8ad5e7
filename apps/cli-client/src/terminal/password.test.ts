import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { askPassword } from './password.ts'

function setup() {
  const modes: boolean[] = []
  const keyboard = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => modes.push(raw),
  })
  const shown: string[] = []
  const answer = askPassword('Password: ', keyboard, { write: (text) => shown.push(text) })
  return { keyboard, shown, answer, modes }
}

describe('askPassword', () => {
  test('reads a line and shows nothing of it', async () => {
    const { keyboard, shown, answer, modes } = setup()
    keyboard.write('sesame 密码\r')
    expect(await answer).toBe('sesame 密码')
    expect(shown).toEqual(['Password: ', '\n'])
    expect(modes).toEqual([true, false])
  })

  test('puts together a character that arrives in two parts', async () => {
    const { keyboard, answer } = setup()
    const bytes = Buffer.from('密\r')
    keyboard.write(bytes.subarray(0, 2))
    keyboard.write(bytes.subarray(2))
    expect(await answer).toBe('密')
  })

  test('backspace takes one character back, Ctrl-U all', async () => {
    const { keyboard, answer } = setup()
    keyboard.write('wrong\u0015ab密\u007fc\n')
    expect(await answer).toBe('abc')
  })

  test('keeps at most 1,024 characters', async () => {
    const { keyboard, answer } = setup()
    keyboard.write(`${'x'.repeat(5000)}\r`)
    expect((await answer).length).toBe(1024)
  })

  test('Ctrl-C ends the question and gives the terminal back', async () => {
    const { keyboard, answer, modes } = setup()
    keyboard.write('half\u0003')
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    expect(modes).toEqual([true, false])
  })

  test('without a terminal it says how else to give a password', async () => {
    const pipe = new PassThrough()
    await expect(askPassword('?', pipe, { write: () => true })).rejects.toThrow('PARLEY_PASSWORD')
  })
})
