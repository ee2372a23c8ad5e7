import type { Scheduler } from '@parley/service-kit'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const idBytes = 20

/** 160 random bits as 32 characters of `[a-z2-7]`: whoever has not been told cannot guess it. */
export function randomId(scheduler: Scheduler): string {
  let id = ''
  let bits = 0
  let bitCount = 0
  for (const byte of scheduler.randomBytes(idBytes)) {
    bits = ((bits << 8) | byte) & 0xfff
    bitCount += 8
    for (; bitCount >= 5; bitCount -= 5) id += alphabet[(bits >> (bitCount - 5)) & 31]
  }
  return id
}
