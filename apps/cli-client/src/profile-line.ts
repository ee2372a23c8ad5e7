import { idText } from '@parley/client'
import type { chat } from '@parley/proto'
import type { JsonLine } from './output.ts'

/** The JSON line of a profile, under the type of the command that prints it. */
export function profileLine(type: 'user' | 'profile', profile: chat.Profile): JsonLine {
  const { name, nickname, about } = profile
  return { type, userId: idText(profile.userId), name, nickname, about }
}
