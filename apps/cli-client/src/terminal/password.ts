import { UsageError } from '../exit-code.ts'

const maxPasswordChars = 1024

/** The keyboard as a stream that can hide what is typed. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

/**
 * Asks on the terminal and reads one line that is not shown; rejects with an AbortError on Ctrl-C
 * or Ctrl-D, with `UsageError` when there is no terminal to ask on.
 */
export function askPassword(
  question: string,
  keyboard: Keyboard,
  screen: { write(text: string): unknown },
): Promise<string> {
  if (!keyboard.isTTY || !keyboard.setRawMode) {
    const message =
      'no terminal to ask for the password: set PARLEY_PASSWORD or give --password-stdin'
    return Promise.reject(new UsageError(message))
  }
  screen.write(question)
  keyboard.setRawMode(true)
  keyboard.resume()
  return readHidden(keyboard).finally(() => {
    keyboard.setRawMode?.(false)
    keyboard.pause()
    screen.write('\n')
  })
}

function readHidden(keyboard: Keyboard): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder()
    let typed: string[] = []
    const listener = (chunk: Buffer) => {
      for (const key of decoder.decode(chunk, { stream: true })) {
        const step = press(typed, key)
        if (step.done === undefined) typed = step.typed
        else return finish(step.done)
      }
    }
    function finish(outcome: 'entered' | 'stopped') {
      keyboard.off('data', listener)
      if (outcome === 'entered') resolve(typed.join(''))
      else reject(new DOMException('interrupted', 'AbortError'))
    }
    keyboard.on('data', listener)
  })
}

interface Step {
  readonly typed: string[]
  readonly done?: 'entered' | 'stopped'
}

function press(typed: string[], key: string): Step {
  if (key === '\r' || key === '\n') return { typed, done: 'entered' }
  if (key === '\u0003' || key === '\u0004') return { typed, done: 'stopped' }
  if (key === '\u007f' || key === '\b') return { typed: typed.slice(0, -1) }
  if (key === '\u0015') return { typed: [] }
  if (typed.length >= maxPasswordChars || key < ' ') return { typed }
  return { typed: [...typed, key] }
}
