/** The process that plays all clients of the file cases; talks to the case over the channel it was started with. */
import { fetchAll } from './fetch-files.ts'
import type { LoadAnswer, LoadRequest } from './load.ts'
import { putAll } from './put-files.ts'
import { resumeAll } from './resume-uploads.ts'

process.on('message', (request: LoadRequest) => {
  carryOut(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) =>
      process.send?.({ kind: 'failed', message: String(error) } satisfies LoadAnswer),
  )
})
process.on('disconnect', () => process.exit())

function carryOut(request: LoadRequest): Promise<LoadAnswer> {
  if (request.kind === 'put') return putAll(request)
  if (request.kind === 'get') return fetchAll(request)
  return resumeAll(request)
}
