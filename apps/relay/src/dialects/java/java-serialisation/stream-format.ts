// The bytes of the Java Object Serialization Specification, version 2, section 6.4.2.

/** How every stream begins: the magic number and the version. */
export const streamHeader = Buffer.from([0xac, 0xed, 0x00, 0x05])

/** What a byte announces where something begins. */
export const tag = {
  null: 0x70,
  reference: 0x71,
  classDescriptor: 0x72,
  object: 0x73,
  string: 0x74,
  array: 0x75,
  class: 0x76,
  blockData: 0x77,
  endBlockData: 0x78,
  reset: 0x79,
  longBlockData: 0x7a,
  exception: 0x7b,
  longString: 0x7c,
  proxyClassDescriptor: 0x7d,
  enum: 0x7e,
} as const

/** The number of the first object that a stream names. */
export const firstHandle = 0x7e0000

/** The only flag of a class that has neither words of its own nor another form. */
export const isSerialisable = 0x02

/** The class of `byte[]`, and the number that Java computes for it. */
export const byteArray = { name: '[B', uid: -5984413125824719648n } as const

/** How a field of a class descriptor names `String`. */
export const stringType = 'Ljava/lang/String;'

const names = new Map<number, string>(
  Object.entries(tag).map(([name, value]) => [value, name.replace(/[A-Z]/g, ' $&').toLowerCase()]),
)

/** How a refusal names what a byte announces. */
export function nameOfTag(value: number): string {
  return names.get(value) ?? `byte 0x${value.toString(16)}`
}
