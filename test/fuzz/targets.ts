import type { Target } from './target.ts'
import { directChannel } from './targets/direct.ts'
import { directDatagrams } from './targets/direct-datagrams.ts'
import { directFrames } from './targets/direct-frames.ts'
import { firstBytes } from './targets/first-bytes.ts'
import { binaryFrameParser, connectBodyParser, jsonFrameParser } from './targets/frames.ts'
import { javaObjects } from './targets/java.ts'
import { lanAnnouncements, lanMessages } from './targets/lan.ts'
import { relayDoor, tlsDoor } from './targets/relay-door.ts'
import { rendezvousDoor } from './targets/rendezvous-door.ts'
import { rendezvousParser } from './targets/rendezvous.ts'
import { textRequests } from './targets/text.ts'

/** Every parser of bytes that anybody can send; one line for each. */
export const targets: readonly Target[] = [
  firstBytes,
  binaryFrameParser,
  jsonFrameParser,
  connectBodyParser,
  textRequests,
  javaObjects,
  rendezvousParser,
  directChannel,
  directDatagrams,
  directFrames,
  lanAnnouncements,
  lanMessages,
  relayDoor,
  tlsDoor,
  rendezvousDoor,
]
