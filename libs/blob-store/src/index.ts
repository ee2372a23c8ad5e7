/** Content-addressed bytes: the port, its disk adapter and its in-memory twin. */
export type { BlobStat, BlobStore, OpenBlob } from './blob-store.ts'
export { Digest, assertDigest, digestBytes, digestFile } from './digest.ts'
export { DiskBlobStore } from './disk-blob-store.ts'
export { keyedDigest } from './keyed-digest.ts'
export { MemoryBlobStore } from './memory-blob-store.ts'
export { makeFolder } from './make-folder.ts'
