import { fingerprintOf } from '@parley/direct'
import { systemScheduler } from '@parley/service-kit'
import { clockText, visibleLine } from '@parley/words'
import type { EventLine, JsonLine } from '../output.ts'
import type { Peer, PeerChange } from './peers.ts'
import type { NamedKey, Standing } from './standing.ts'
import type { SaidMessage } from './talk.ts'

const standingWords: Readonly<Record<Standing, string>> = {
  trusted: 'trusted',
  known: 'known',
  new: 'new here',
  renamed: 'known by another name',
  changed: '! not the key that this name had before',
}

/** What a device knows of a key, in words. */
export function standingText(standing: Standing): string {
  return standingWords[standing]
}

/** Somebody in this network, for programs. */
export function peerLine(peer: Peer, standing: Standing): JsonLine {
  const { name, fingerprint, endpoints } = peer
  return { type: 'lan-peer', name, fingerprint, standing, endpoints }
}

/** That somebody came, went or is called otherwise. */
export function changeLine({ kind, peer }: PeerChange, standing: Standing): EventLine {
  const who = `${visibleLine(peer.name)} (${peer.fingerprint}, ${standingText(standing)})`
  if (kind === 'left') {
    const { name, fingerprint } = peer
    return { line: { type: 'lan-peer-left', name, fingerprint }, text: `~ ${who} left` }
  }
  const verb = kind === 'came' ? 'is here' : 'is the new name of a peer'
  return { line: peerLine(peer, standing), text: `~ ${who} ${verb}` }
}

/** A message from somebody; who is not known is shown with the key, on every line of theirs. */
export function messageLine(
  message: SaidMessage,
  { name, publicKey }: NamedKey,
  standing: Standing,
): EventLine {
  const { messageId, text, sentAtMs } = message
  const fingerprint = fingerprintOf(publicKey)
  const isKnown = standing === 'trusted' || standing === 'known'
  const mark = isKnown ? '' : ` (${fingerprint}, ${standingText(standing)})`
  const head = `${clockText(systemScheduler.now())} ${visibleLine(name)}${mark}`
  return {
    line: {
      type: 'lan-message',
      messageId,
      name,
      fingerprint,
      standing,
      text,
      sentAtMs,
      stored: false,
    },
    text: `${head}: ${text.replaceAll('\n', '\n    ')}  (not stored)`,
  }
}

/** That a message was shown to the other side. */
export function saidLine(message: SaidMessage, { name, publicKey }: NamedKey): EventLine {
  const { messageId, sentAtMs } = message
  const fingerprint = fingerprintOf(publicKey)
  return {
    line: { type: 'lan-said', messageId, name, fingerprint, sentAtMs, stored: false },
    text: `shown to ${visibleLine(name)} (${fingerprint}), not stored`,
  }
}
