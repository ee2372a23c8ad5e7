import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Browser as Chromium } from 'puppeteer-core'
import { WebPerson } from './web-person.ts'

/** Where Chromium is, by the PATH; undefined without one. */
const executable = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'chromium'))
  .find(isExecutable)

/** True without a browser, which is said loudly; with CI=true it must be there. */
export function isSkippedWithoutBrowser(what: string): boolean {
  if (executable !== undefined) return false
  const why = 'there is no chromium (Debian: apt-get install chromium)'
  if (process.env['CI'] === 'true') throw new Error(`${what} must not be skipped here, but ${why}`)
  process.stderr.write(`\nSKIPPED: ${what}: ${why}\n`)
  return true
}

/** A real browser without a screen. */
export class Browser {
  readonly #chromium: Chromium

  private constructor(chromium: Chromium) {
    this.#chromium = chromium
  }

  /** Starts one, which whoever started it closes. */
  static async open(): Promise<Browser> {
    const chromium = await puppeteer.launch({
      executablePath: executable ?? '',
      // No port that others on this machine could drive it by.
      pipe: true,
      timeout: 120_000,
      protocolTimeout: 120_000,
      args: [
        // As root it does not start with its sandbox, nor where the kernel lets nobody make namespaces:
        // the only pages it ever shows here are our own.
        '--no-sandbox',
        // Containers have little shared memory.
        '--disable-dev-shm-usage',
        '--no-proxy-server',
        '--disable-background-networking',
      ],
    })
    return new Browser(chromium)
  }

  /** A page of an origin that chats at a relay, with a storage of its own. */
  async person(origin: string, relay: string): Promise<WebPerson> {
    const context = await this.#chromium.createBrowserContext()
    const page = await context.newPage()
    await page.goto(`${origin}/?relay=${relay}`)
    return new WebPerson(page)
  }

  close(): Promise<void> {
    return this.#chromium.close()
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
