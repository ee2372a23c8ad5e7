/** The process that plays all users of a case; talks to the case over the channel it was started with. */
import { Crowd } from './chat/crowd.ts'
import type { GeneratorAnswer, GeneratorRequest } from './chat/generator-process.ts'
import { registerCouples } from './chat/people.ts'
import { makeTexts } from './chat/words.ts'
import { stretch } from './dm-durable/stretch.ts'
import { paced } from './two-relays/paced.ts'

let crowd: Crowd | undefined

process.on('message', (request: GeneratorRequest) => {
  carryOut(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) =>
      process.send?.({ kind: 'failed', message: String(error) } satisfies GeneratorAnswer),
  )
})
process.on('disconnect', () => {
  crowd?.close()
  process.exit()
})

async function carryOut(request: GeneratorRequest): Promise<GeneratorAnswer> {
  if (request.kind === 'connect') {
    const { doors, pairs } = request
    crowd = new Crowd(makeTexts(request.textBytes, Math.random))
    await crowd.connect(doors, await registerCouples(doors.senders, pairs))
    return { kind: 'connected' }
  }
  if (crowd === undefined) throw new Error('connect first')
  const { kind } = request
  const seen = ({ violations, violationCount }: Crowd) => ({ violations, violationCount })
  if (kind === 'paced') return { kind, result: await paced(crowd, request), ...seen(crowd) }
  return { kind, result: await stretch(crowd, request), ...seen(crowd) }
}
