import { describe } from 'vitest'
import { blobStoreContract } from './blob-store.contract.ts'
import { MemoryBlobStore } from './memory-blob-store.ts'

describe('MemoryBlobStore', () => blobStoreContract(async () => new MemoryBlobStore()))
