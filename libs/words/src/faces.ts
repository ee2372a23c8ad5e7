import { visibleLine } from './visible.ts'

/** The faces that this client can show; any other name is shown as it is. */
const faces: Readonly<Record<string, string>> = {
  smile: '🙂',
  grin: '😀',
  joy: '😂',
  wink: '😉',
  blush: '😊',
  love: '😍',
  kiss: '😘',
  cool: '😎',
  think: '🤔',
  shock: '😱',
  surprise: '😮',
  sad: '🙁',
  cry: '😢',
  sob: '😭',
  angry: '😠',
  sleep: '😴',
  sick: '🤒',
  sweat: '😅',
  shy: '😳',
  tongue: '😛',
  heart: '❤️',
  broken: '💔',
  rose: '🌹',
  cake: '🎂',
  coffee: '☕',
  beer: '🍺',
  gift: '🎁',
  ok: '👌',
  yes: '👍',
  no: '👎',
  clap: '👏',
  wave: '👋',
  pray: '🙏',
  strong: '💪',
  party: '🎉',
}

/** A face for people: the emoji behind its name, or the name in brackets. */
export function faceText(name: string): string {
  return Object.hasOwn(faces, name) ? `${faces[name]}` : `[${visibleLine(name)}]`
}

/** The names that `faceText` knows. */
export const faceNames: readonly string[] = Object.keys(faces)

/** A face as content. */
export function faceContent(name: string) {
  return { content: { $case: 'face', value: { name } } } as const
}
