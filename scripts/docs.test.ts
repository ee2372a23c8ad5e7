import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const documents = ['.', 'docs', 'docs/adr', 'bench'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
)

const textOf = (document: string) => readFileSync(path.join(root, document), 'utf8')
const isThere = (...parts: string[]) => existsSync(path.join(root, ...parts))

describe('the documents', () => {
  test.each(documents)('in %s every link leads somewhere', (document) => {
    const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const local = links.filter((link) => !/^[a-z]+:/.test(link))
    expect(local.filter((link) => !leadsSomewhere(document, link))).toEqual([])
  })

  test.each(documents)('in %s every file that is named is there', (document) => {
    const named = /`((?:apps|bench|docs|libs|proto|scripts|test)\/[\w./-]+)`/g
    const paths = [...textOf(document).matchAll(named)].map(([, file = '']) => file)
    expect(paths.filter((file) => !isThere(file))).toEqual([])
  })

  test('every limit names a test that is there, or says that there is none', () => {
    expect(limitRows().filter((row) => !isProven(row))).toEqual([])
  })
})

function leadsSomewhere(document: string, link: string): boolean {
  const [file = '', heading] = link.split('#')
  const target = file === '' ? document : path.join(path.dirname(document), file)
  if (!isThere(target)) return false
  return heading === undefined || headingsOf(target).includes(heading)
}

/** The headings of a document as they stand in links. */
function headingsOf(document: string): string[] {
  const headings = [...textOf(document).matchAll(/^#+ (.+)$/gm)].map(([, words = '']) => words)
  return headings.map((words) =>
    words
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
}

interface LimitRow {
  readonly what: string
  readonly tests: string
  /** Where its tests are. */
  readonly folder: string
}

function limitRows(): LimitRow[] {
  let folder = ''
  return textOf('docs/limits.md')
    .split('\n')
    .flatMap((line) => {
      folder = /^## .*`(.+)`$/.exec(line)?.[1] ?? folder
      const [, what = '', , , tests] = line.split('|').map((cell) => cell.trim())
      const isRow = tests !== undefined && what !== 'what' && !what.startsWith('---')
      return isRow ? [{ what, tests, folder }] : []
    })
}

function isProven({ tests, folder }: LimitRow): boolean {
  const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
  if (files.length === 0) return tests.startsWith('no test yet')
  return files.every((file) => isThere(file) || isThere(folder, file))
}
