import { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
import type { JsonValue } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { descriptors } from './gen/descriptors.ts'

/** Messages of one type as JSON text, in the canonical mapping of proto3 (protobuf.dev, "ProtoJSON"). */
export interface JsonForm {
  /** The bytes of a message that is written so; throws on text that is no such message. */
  toBytes(text: string): Uint8Array
  /** A message, from its bytes. */
  toText(bytes: Uint8Array): string
}

/** The JSON of a message type by its full name (`parley.chat.v1.ConnectRequest`); unknown fields are skipped. */
export function jsonForm(typeName: string): JsonForm {
  const set = fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, 'base64'))
  const type = createFileRegistry(set).getMessage(typeName)
  if (type === undefined) throw new Error(`there is no message type ${typeName}`)
  return {
    toBytes(text) {
      const json = JSON.parse(text) as JsonValue
      return toBinary(type, fromJson(type, json, { ignoreUnknownFields: true }))
    },
    toText: (bytes) => JSON.stringify(toJson(type, fromBinary(type, bytes))),
  }
}
