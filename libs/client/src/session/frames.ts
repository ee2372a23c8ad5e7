/** A frame's upper bounds: half of what a server takes, so that no estimate has to be exact. */
export const maxFrameBytes = 128 * 1024

/** Commands in one frame. */
export const maxFrameCommands = 256

// Field 1 of ConnectRequest and field 3 of Command, both length-delimited.
const commandTag = 0x0a
const sendTag = 0x1a

/** A `Command` around the bytes of an encoded `Send`, which stay as they are. */
export function sendCommand(send: Uint8Array): Uint8Array {
  const command = Buffer.allocUnsafe(1 + varintBytes(send.length) + send.length)
  writeField(command, 0, sendTag, send)
  return command
}

/** Takes as many commands from the front of the queue as one frame holds, at least one. */
export function takeFrame(queue: Uint8Array[]): Buffer {
  let count = 0
  let bytes = 0
  for (const command of queue) {
    const more = 1 + varintBytes(command.length) + command.length
    if (count > 0 && (bytes + more > maxFrameBytes || count >= maxFrameCommands)) break
    bytes += more
    count += 1
  }
  const frame = Buffer.allocUnsafe(bytes)
  let offset = 0
  for (const command of queue.splice(0, count))
    offset = writeField(frame, offset, commandTag, command)
  return frame
}

function writeField(into: Buffer, start: number, tag: number, bytes: Uint8Array): number {
  let offset = into.writeUInt8(tag, start)
  let rest = bytes.length
  for (; rest > 0x7f; rest >>>= 7) offset = into.writeUInt8((rest & 0x7f) | 0x80, offset)
  offset = into.writeUInt8(rest, offset)
  into.set(bytes, offset)
  return offset + bytes.length
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes += 1
  return bytes
}
