/** Everything that somebody is told over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** In Latin-1, so that no byte is lost. */
  readonly body: string
}

/** What is asked. */
export interface HttpQuestion {
  readonly method: string
  readonly url: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** Asks, and reads the answer whole; all but `Date` is kept. */
export async function askHttp({ method, url, token, headers, body }: HttpQuestion) {
  const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const answer = await fetch(url, {
    method,
    headers: { 'Tus-Resumable': '1.0.0', ...bearer, ...headers },
    ...(body !== undefined && { body }),
  })
  const { date: _date, ...told } = Object.fromEntries(answer.headers)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, headers: told, body: bytes.toString('latin1') } as HttpAnswer
}
