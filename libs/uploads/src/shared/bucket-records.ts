import type { Bucket } from '@parley/blob-store'
import { AppError } from '@parley/errors'
import type { FileRecord, FileRecords } from './file-records.ts'

const maxRecordBytes = 64 * 1024
const idShape = /^[A-Za-z0-9_-]{1,64}$/

/** Who writes records, and of what. */
export interface RecordKeeper {
  readonly bucket: Bucket
  /** Servers of other services pass over its files. */
  readonly service: string
  readonly serverId: string
}

/** File records as objects `files/<file id>`, JSON. */
export function bucketRecords({ bucket, service, serverId }: RecordKeeper): FileRecords {
  return {
    write: (file) => {
      const text = JSON.stringify({ service, serverId, file })
      return bucket.writeSmall(keyOf(file.id), Buffer.from(text))
    },
    find: async (id) => {
      if (!idShape.test(id)) return undefined
      const bytes = await bucket.readSmall(keyOf(id), maxRecordBytes)
      const record = bytes && parse(bytes, id)
      return record?.service === service ? record : undefined
    },
    remove: async (id) => {
      // An id is given once: a delete that is carried out later finds nothing else there.
      await bucket.delete(keyOf(id))
    },
  }
}

function keyOf(id: string): string {
  return `files/${id}`
}

type Written = FileRecord & { readonly service: string }

// Written by a server like this one: what is not whole was damaged.
function parse(bytes: Buffer, id: string): Written {
  try {
    const record = JSON.parse(bytes.toString()) as Written
    if (record.file.id === id && idShape.test(record.serverId)) return record
  } catch (cause) {
    throw damaged(id, cause)
  }
  throw damaged(id)
}

function damaged(id: string, cause?: unknown): AppError {
  return new AppError('corrupt', 'RECORD_DAMAGED', `the record of file ${id} is damaged`, { cause })
}
