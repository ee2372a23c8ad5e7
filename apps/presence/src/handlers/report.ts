import { AppError } from '@parley/errors'
import type { CallInfo, StreamWriter } from '@parley/grpc-kit'
import type { presence as wire } from '@parley/proto'
import type { PresenceContext } from '../context.ts'
import { isAvailability } from '../domain/availability.ts'
import type { DeviceReport } from '../domain/leases.ts'
import { ReportStream } from '../domain/report-stream.ts'
import type { Report } from '../domain/report-stream.ts'
import { idKey } from '../ids.ts'
import { presenceLimits } from '../limits.ts'
import type { OpenStream } from '../streams.ts'
import { untilAborted } from '../until-aborted.ts'

/** Takes in what one relay reports, for as long as it reports. */
export async function report(
  ctx: PresenceContext,
  requests: AsyncIterable<wire.ReportRequest>,
  writer: StreamWriter<wire.ReportResponse>,
  call: CallInfo,
): Promise<void> {
  const stream = ctx.streams.open(ctx.scheduler.monotonic())
  try {
    await takeAll(ctx, stream, requests, writer, call)
  } finally {
    stream.close()
  }
}

async function takeAll(
  ctx: PresenceContext,
  stream: OpenStream,
  requests: AsyncIterable<wire.ReportRequest>,
  writer: StreamWriter<wire.ReportResponse>,
  call: CallInfo,
): Promise<void> {
  const { leaseMs, heartbeatMs, graceMs } = presenceLimits
  const reports = new ReportStream(ctx.leases, { graceMs })
  for await (const request of untilAborted(requests, stream.signal)) {
    const first = reports.lease === undefined
    const nowMs = ctx.scheduler.monotonic()
    const lease = reports.take(parseReport(request), nowMs)
    stream.heard(lease, nowMs)
    if (first) ctx.events.relayReports(lease.relay, call.peer)
    // Not taken while the relay reads nothing: a later answer says all that this one would.
    writer.offer({ number: request.number, instanceId: ctx.instanceId, heartbeatMs, leaseMs })
  }
}

/** The parts of a report, each within its bounds; throws `AppError` (invalid or too-large). */
function parseReport(request: wire.ReportRequest): Report {
  const { relay, number, snapshot, more, devices } = request
  const relayChars = [...relay].length
  if (relayChars < 1 || relayChars > presenceLimits.relayNameChars) {
    throw invalid('RELAY_NAME_INVALID', 'the name of a relay has 1 to 64 characters')
  }
  if (number < 0) throw invalid('REPORT_OUT_OF_ORDER', 'the number of a report is not negative')
  if (devices.length > presenceLimits.devicesPerReport) {
    const message = `a report has at most ${presenceLimits.devicesPerReport} devices`
    throw new AppError('too-large', 'REPORT_TOO_LARGE', message)
  }
  const bootId = idKey(request.bootId)
  return { relay, bootId, number, snapshot, more, devices: devices.map(parseDevice) }
}

function parseDevice(device: wire.DeviceState): DeviceReport {
  const { state, clean } = device
  if (!isAvailability(state)) throw invalid('STATE_INVALID', 'a device has one of the named states')
  return { userId: idKey(device.userId), deviceId: idKey(device.deviceId), state, clean }
}

function invalid(reason: string, message: string): AppError {
  return new AppError('invalid', reason, message)
}
