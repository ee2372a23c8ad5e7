/** The process that plays all users of a case; talks to the case over the channel it was started with. */
import { Crowd } from './dm-durable/crowd.ts'
import type { GeneratorAnswer, GeneratorRequest } from './dm-durable/generator-process.ts'
import { registerCouples } from './dm-durable/people.ts'
import { stretch } from './dm-durable/stretch.ts'
import { makeTexts } from './dm-durable/words.ts'

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
    crowd = new Crowd(makeTexts(request.textBytes, Math.random))
    await crowd.connect(request.address, await registerCouples(request.address, request.pairs))
    return { kind: 'connected' }
  }
  if (crowd === undefined) throw new Error('connect first')
  const result = await stretch(crowd, request)
  const { violations, violationCount } = crowd
  return { kind: 'stretch', result, violations, violationCount }
}
