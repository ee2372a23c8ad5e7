import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { events } from '@parley/proto'

const { RelayBatch, RelayNews } = events

/**
 * The key of batches, made of the key that all services share. Node turns bytes into such an object
 * at each use, which costs five times as much as the signature.
 */
export function newsKey(internalKey: string): KeyObject {
  const key = createHmac('sha256', internalKey).update('parley.events.v1.RelayBatch').digest()
  return createSecretKey(key)
}

/** News for one subject as they travel, signed. */
export function sealNews(key: KeyObject, subject: string, news: events.RelayNews): Uint8Array {
  const encoded = RelayNews.encode(news).finish()
  const batch = { news: asBuffer(encoded), mac: mac(key, subject, encoded) }
  return RelayBatch.encode(batch).finish()
}

/** What `sealNews` has signed; undefined for anything that no relay has said on this subject. */
export function openNews(
  key: KeyObject,
  subject: string,
  payload: Uint8Array,
): events.RelayNews | undefined {
  try {
    const batch = RelayBatch.decode(payload)
    const expected = mac(key, subject, batch.news)
    if (batch.mac.length !== expected.length || !timingSafeEqual(batch.mac, expected)) {
      return undefined
    }
    return RelayNews.decode(batch.news)
  } catch {
    // Garbage, or numbers that nobody of ours would write.
    return undefined
  }
}

/** The same bytes as a Buffer, for generated types ask for one. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function mac(key: KeyObject, subject: string, news: Uint8Array): Buffer {
  return createHmac('sha256', key).update(subject).update('\0').update(news).digest()
}
