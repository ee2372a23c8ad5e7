import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tempFolder } from './temp-folder.ts'

const run = promisify(execFile)
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const hosts = 'subjectAltName=IP:127.0.0.1,DNS:localhost'

/** A certificate and its key, as files. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** An authority that lives for one test. */
export interface Authority extends Pair {
  readonly pem: Buffer
  /** Signs a certificate for this machine's loopback. */
  sign(name: string): Promise<Pair>
}

/** Makes an authority in a folder of its own; `openssl` must be there. */
export async function testAuthority(): Promise<Authority> {
  const folder = await tempFolder()
  const make = async (name: string, ...more: readonly string[]): Promise<Pair> => {
    const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
    const files = ['-out', pair.cert, '-keyout', pair.key]
    const about = ['-subj', `/CN=${name}`, '-days', '2']
    await run('openssl', ['req', '-x509', ...key, ...about, ...files, ...more])
    return pair
  }
  const own = await make('authority')
  return {
    ...own,
    pem: await readFile(own.cert),
    sign: (name) => make(name, '-CA', own.cert, '-CAkey', own.key, '-addext', hosts),
  }
}
