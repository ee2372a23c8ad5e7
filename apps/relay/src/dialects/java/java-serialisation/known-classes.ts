/** `qqcommon.User`: who logs in. Parts of the series name the password differently. */
export interface JavaUser {
  readonly className: 'qqcommon.User'
  readonly userId: string | undefined
  readonly password: string | undefined
}

/** `qqcommon.Message`: what clients and server tell each other. */
export interface JavaMessage {
  readonly className: 'qqcommon.Message'
  readonly mesType: string | undefined
  readonly sender: string | undefined
  readonly getter: string | undefined
  readonly content: string | undefined
  readonly sendTime: string | undefined
  readonly src: string | undefined
  readonly dest: string | undefined
  /** How long the file is that came with it; the bytes themselves are not a part of it. */
  readonly fileBytes: number | undefined
}

/** What can be read from a stream. */
export type JavaObject = JavaUser | JavaMessage

/** What a field may hold. */
export type FieldType = 'int' | 'String' | 'byte[]'

/** A class as a stream describes it. */
export interface ClassDescriptor {
  readonly name: string
  readonly uid: bigint
  /** In the order of their values. */
  readonly fields: readonly Field[]
}

/** A field as a stream describes it. */
export interface Field {
  readonly name: string
  readonly type: FieldType
}

/** What a field held; of bytes their number. */
export type FieldValue = number | string | undefined

/** The classes that are read, with every field that some version of the series has. */
export const knownClasses: ReadonlyMap<string, Readonly<Record<string, FieldType>>> = new Map(
  Object.entries({
    'qqcommon.User': { userId: 'String', passwd: 'String', password: 'String' },
    'qqcommon.Message': {
      sender: 'String',
      getter: 'String',
      content: 'String',
      sendTime: 'String',
      mesType: 'String',
      fileBytes: 'byte[]',
      fileLen: 'int',
      dest: 'String',
      src: 'String',
    },
  } as const),
)

/** The object of a known class with these values. */
export function objectOf(className: string, values: ReadonlyMap<string, FieldValue>): JavaObject {
  const text = (name: string) => {
    const value = values.get(name)
    return typeof value === 'string' ? value : undefined
  }
  if (className === 'qqcommon.User') {
    return { className, userId: text('userId'), password: text('passwd') ?? text('password') }
  }
  const fileBytes = values.get('fileBytes')
  return {
    className: 'qqcommon.Message',
    mesType: text('mesType'),
    sender: text('sender'),
    getter: text('getter'),
    content: text('content'),
    sendTime: text('sendTime'),
    src: text('src'),
    dest: text('dest'),
    fileBytes: typeof fileBytes === 'number' ? fileBytes : undefined,
  }
}
