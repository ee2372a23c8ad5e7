import { javaCommand } from '../java.ts'
import { passwordOf } from '../person.ts'

/** What a line of an old program means to who reads it. */
export type Heard =
  | { readonly is: 'yes' }
  | { readonly is: 'no'; readonly line: string }
  | { readonly is: 'shown'; readonly from: string; readonly text: string }

/** How one old program is started and spoken to. */
export interface Manner {
  readonly command: readonly [string, ...string[]]
  /** What is typed first; a yes or no comes. */
  readonly hello: string
  /** What is typed to say texts to somebody. */
  say(to: string, texts: readonly string[]): string
  /** How many texts of such a packet one yes answers. */
  readonly answers: 'each' | 'all'
  hear(line: string): Heard | undefined
}

/**
 * Both halves of a raw connection, each in a process of its own: what has come is read to its end,
 * though what is written has nowhere to go any more.
 */
const halves = 'exec 3<>"/dev/tcp/$0/$1" 4<&0; cat <&4 >&3 & exec cat <&3'

/** Somebody at a raw socket who types lines of the text protocol. */
export function textManner(host: string, port: string, name: string): Manner {
  return {
    command: ['bash', '-c', halves, host, port],
    hello: `101|${name},${passwordOf(name)}\n`,
    say: (to, texts) => texts.map((text) => `103|${name},${to},${text}\n`).join(''),
    answers: 'each',
    hear(line) {
      if (line === '1|') return { is: 'yes' }
      const [code, from = '', text = ''] = line.split('@')
      if (code === '1|103') return { is: 'shown', from, text }
      return line === '0|' ? { is: 'no', line } : undefined
    },
  }
}

/**
 * Somebody at the Java client. It hears nothing of what it says, so it asks for the list after each
 * packet: when that comes, all that was said before is done.
 */
export function javaManner(classes: string, host: string, port: string, name: string): Manner {
  return {
    command: javaCommand(classes, [host, port, name, passwordOf(name), 'new']),
    hello: '',
    say: (to, texts) => `${texts.map((text) => `to ${to} ${text}\n`).join('')}list\n`,
    answers: 'all',
    hear(line) {
      if (line === `欢迎 ${name}` || line.startsWith('=======')) return { is: 'yes' }
      const [, from = '', text = ''] = /^(\S+) 对 \S+ 说:(.*)$/.exec(line) ?? []
      const isRefusal = from === 'Server' && text.startsWith('not sent')
      if (line === '登录失败' || isRefusal) return { is: 'no', line }
      return from === '' ? undefined : { is: 'shown', from, text }
    },
  }
}
