import { idText } from '@parley/client'
import type { chat } from '@parley/proto'
import type { JsonLine } from './output.ts'
import { pictureLine, pictureText } from './picture-line.ts'

/** The JSON line of a profile, under the type of the command that prints it. */
export function profileLine(type: 'user' | 'profile', profile: chat.Profile): JsonLine {
  const { name, nickname, about, picture } = profile
  const userId = idText(profile.userId)
  return { type, userId, name, nickname, about, picture: pictureLine(picture) }
}

/** A profile for people, a line for each thing it says. */
export function profileText({ name, nickname, about, picture }: chat.Profile): string {
  const parts = [`@${name}`, nickname, about, pictureText(picture)]
  return parts.filter((part) => part !== '').join('\n')
}
