import { grpcService, startGrpcServer, unary } from '@parley/grpc-kit'
import { common } from '@parley/proto'
import { recordingLogger } from '@parley/testkit'
import { onTestFinished } from 'vitest'

/** A server that hears of holds over gRPC, and remembers them in order. */
export async function holdsServer() {
  const state = {
    address: '',
    heard: [] as string[],
    missing: [] as string[],
    isIll: false,
    told: [] as string[],
  }
  const { log } = recordingLogger()
  const apply = unary<common.HoldsApplyRequest, common.HoldsApplyResponse>({ log }, (call) => {
    if (state.isIll) throw new Error('ill')
    const ids = call.changes.map(({ id }) => id)
    state.heard.push(...ids)
    state.told.push(`${ids.length} ${call.complete ? 'all' : 'more to come'}`)
    return { missing: ids.filter((id) => state.missing.includes(id)) }
  })
  const services = [grpcService(common.HoldsService, { apply })]
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services })
  onTestFinished(() => server.close())
  state.address = server.address
  return state
}
