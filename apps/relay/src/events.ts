import type { Logger, Metrics } from '@parley/service-kit'
import { uuidText } from '@parley/service-kit'

/** Business facts: the only place that counts or logs them, one function per fact. */
export type Events = ReturnType<typeof relayEvents>

/** The facts of a relay, written to its log and counters. */
export function relayEvents(log: Logger, metrics: Metrics) {
  const count = (name: string) => metrics.counter(name)
  const [opened, closed, behind] = ['sessions_opened', 'sessions_closed', 'sessions_behind'].map(
    count,
  )
  const refused = count('logins_refused')
  const lost = count('store_outages')
  return {
    ...tlsEvents(log, metrics),
    sessionOpened(userId: Uint8Array, clientName: string) {
      opened?.add()
      log.debug({ userId: uuidText(userId), clientName }, 'session opened')
    },
    sessionClosed(userId: Uint8Array, why: string) {
      closed?.add()
      log.debug({ userId: uuidText(userId), why }, 'session closed')
    },
    sessionFellBehind(userId: Uint8Array) {
      behind?.add()
      log.debug({ userId: uuidText(userId) }, 'session fell behind and reads the log')
    },
    sessionFailed(userId: Uint8Array | undefined, err: unknown) {
      log.error({ err, userId: userId && uuidText(userId) }, 'session failed')
    },
    subjectRefused(subject: string, err: unknown) {
      log.warn({ err, subject }, 'the bus takes no further subject')
    },
    loginRefused(address: string) {
      refused?.add()
      log.info({ address }, 'login refused')
    },
    refreshReused(loginId: Uint8Array) {
      log.warn({ loginId: uuidText(loginId) }, 'refresh token used twice, login ended')
    },
    loginEnded(userId: number, why: string) {
      log.info({ user: userId, why }, 'login ended')
    },
    commandFailed(command: string, stack: string) {
      log.error({ command, stack }, 'command failed')
    },
    batchLost(code: string) {
      lost.add()
      log.error({ code }, 'nothing can be stored, for now')
    },
    storeAwaited(code: string) {
      log.warn({ code }, 'waiting for the database')
    },
    storeWarned(words: string) {
      log.warn({ words }, 'the database is not set as it should be')
    },
    storeLost(err: unknown) {
      log.fatal({ err }, 'the database cannot be trusted any more')
    },
  }
}

function tlsEvents(log: Logger, metrics: Metrics) {
  const failed = metrics.counter('tls_handshakes_failed')
  return {
    tlsFailed: () => failed.add(),
    tlsRenewed: () => log.info('new certificate in use'),
    tlsNotRenewed: (err: unknown) => log.error({ err }, 'the new certificate cannot be used'),
  }
}
