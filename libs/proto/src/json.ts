import { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
import type { DescMessage, FileRegistry, JsonValue } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { descriptors } from './gen/descriptors.ts'

/** Messages of one type as JSON text, in the canonical mapping of proto3 (protobuf.dev, "ProtoJSON"). */
export interface JsonForm {
  /** The bytes of a message that is written so; throws on text that is no such message. */
  toBytes(text: string): Uint8Array
  /** A message, from its bytes. */
  toText(bytes: Uint8Array): string
}

/** The JSON of what a method is asked and what it answers. */
export interface MethodForm {
  readonly request: JsonForm
  readonly response: JsonForm
}

/** The JSON of a message type by its full name (`parley.chat.v1.ConnectRequest`); unknown fields are skipped. */
export function jsonForm(typeName: string): JsonForm {
  const type = registry().getMessage(typeName)
  if (type === undefined) throw new Error(`there is no message type ${typeName}`)
  return formOf(type)
}

/** The JSON of a method by its path (`/parley.chat.v1.Accounts/Login`). */
export function methodForm(path: string): MethodForm {
  const [, service = '', name] = path.split('/')
  const method = registry()
    .getService(service)
    ?.methods.find((one) => one.name === name)
  if (method === undefined) throw new Error(`there is no method ${path}`)
  return { request: formOf(method.input), response: formOf(method.output) }
}

function formOf(type: DescMessage): JsonForm {
  return {
    toBytes(text) {
      const json = JSON.parse(text) as JsonValue
      return toBinary(type, fromJson(type, json, { ignoreUnknownFields: true }))
    },
    toText: (bytes) => JSON.stringify(toJson(type, fromBinary(type, bytes))),
  }
}

let read: FileRegistry | undefined

/** All types, read once. */
function registry(): FileRegistry {
  const set = () => fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, 'base64'))
  return (read ??= createFileRegistry(set()))
}
