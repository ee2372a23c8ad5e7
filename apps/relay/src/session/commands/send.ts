import type { chat } from '@parley/proto'
import { sendReasons } from '../../domain/may-send.ts'
import type { Stream } from '../stream.ts'
import { malformedReasons, prepareSend } from '../prepare-send.ts'
import type { PreparedSend } from '../prepare-send.ts'
import { SendSlot } from '../send-slot.ts'
import type { Session } from '../session.ts'
import { vouchedSend } from '../vouched-send.ts'

/** Puts a message on its way to disk; what becomes of it is told to the session later. */
export function send(
  stream: Stream,
  session: Session,
  value: chat.Send,
): Promise<void> | undefined {
  const { engine, order } = stream
  const prepared = prepareSend(session, value, engine.scheduler.now())
  const orderKey = typeof prepared === 'string' ? '' : prepared.orderKey
  const slot = new SendSlot(session, order, orderKey, value.clientMessageId)
  if (typeof prepared === 'string') {
    slot.refused(prepared, malformedReasons[prepared])
    return undefined
  }
  if (order.mustWait(orderKey, value.clientMessageId)) {
    slot.refused('PREDECESSOR', 'Repeat the earlier message to this conversation first.')
    return undefined
  }
  order.goes(orderKey, value.clientMessageId)
  if (value.receipt === '') {
    commit(stream, slot, prepared)
    return undefined
  }
  return commitVouched(stream, slot, prepared, value)
}

function commit(stream: Stream, slot: SendSlot, { input }: PreparedSend): void {
  stream.engine.commits.push({ name: 'sendMessage', input }, slot)
}

async function commitVouched(
  stream: Stream,
  slot: SendSlot,
  prepared: PreparedSend,
  value: chat.Send,
): Promise<void> {
  const vouched = await vouchedSend(stream.engine.receipts, slot.session, prepared, value)
  if (vouched === 'KEYS_UNAVAILABLE') {
    slot.settled(undefined)
    return
  }
  if (vouched === 'ATTACHMENT_UNKNOWN') {
    slot.refused(vouched, sendReasons[vouched])
    return
  }
  if (vouched === 'PRESENTATION_MISMATCH') {
    slot.refused(vouched, malformedReasons[vouched])
    return
  }
  commit(stream, slot, vouched)
}
