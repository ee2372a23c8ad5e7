import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tempFolder } from '@parley/testkit'
import { expect, test } from 'vitest'
import { sourceLines } from './apt-sources.ts'
import { archivesIn, fetchPackage } from './fetch-package.ts'
import { runProgram } from './run-program.ts'
import { Unpacker } from './unpack.ts'

const gif = Buffer.from('GIF89a and so on')

test('of what apt knows of packages, sources are made in both of its ways', () => {
  const lines =
    'deb [arch=amd64] http://a stable main\ndeb-src http://a stable main\n# deb of old\n'
  expect(sourceLines(lines)).toBe('deb-src [arch=amd64] http://a stable main\n# deb of old\n')
  const stanzas = 'Types: deb\nURIs: http://a\n\nTypes: deb deb-src\nURIs: http://b\n'
  expect(sourceLines(stanzas)).toBe(
    'Types: deb-src\nURIs: http://a\n\nTypes: deb-src\nURIs: http://b\n',
  )
  expect(sourceLines('# nothing\n')).toBe('')
})

test('archives are told from signatures and descriptions', () => {
  const digest = 'a'.repeat(64)
  const uris = [
    `'http://a/p_1.dsc' p_1.dsc 10 SHA256:${digest}`,
    `'http://a/p_1.orig.tar.gz' p_1.orig.tar.gz 1234 SHA256:${digest}`,
    `'http://a/p_1.orig.tar.gz.asc' p_1.orig.tar.gz.asc 20 SHA256:${digest}`,
    `'http://a/../p_1.debian.tar.xz' ../p_1.debian.tar.xz 5 SHA256:${digest}`,
  ]
  expect(archivesIn(uris.join('\n'))).toEqual([
    { name: 'p_1.orig.tar.gz', sizeBytes: 1234, sha256: digest },
    { name: 'p_1.debian.tar.xz', sizeBytes: 5, sha256: digest },
  ])
})

test('images are taken out of an archive whatever they are named, each once, and no link is followed', async () => {
  const folder = await tempFolder()
  const tree = path.join(folder, 'tree')
  await mkdir(path.join(tree, 'deep/er'), { recursive: true })
  await writeFile(path.join(folder, 'outside.gif'), Buffer.from('GIF89a outside'))
  await symlink(path.join(folder, 'outside.gif'), path.join(tree, 'link.gif'))
  await writeFile(path.join(tree, 'deep/er/crash-1'), gif)
  await writeFile(path.join(tree, 'same.gif'), gif)
  await writeFile(path.join(tree, 'empty.gif'), '')
  await writeFile(path.join(tree, 'readme'), 'words')
  await writeFile(path.join(tree, 'broken.jpg'), 'words')
  const archive = path.join(folder, 'p.tar.gz')
  await runProgram('tar', ['-czf', archive, '-C', folder, 'tree'], { limitMs: 10_000 })
  const unpacker = new Unpacker(folder)
  const images = await unpacker.imagesOf({ name: 'p', archives: [archive], missing: [] })
  expect(images.map(({ name, kind }) => [name, kind.name])).toEqual([
    ['p/tree/broken.jpg', 'named .jpg'],
    ['p/tree/deep/er/crash-1', 'gif'],
  ])
  expect(await readFile(images[1]?.file ?? '')).toEqual(gif)
  const again = await unpacker.imagesOf({ name: 'q', archives: [archive], missing: [] })
  expect(again).toEqual([])
  expect((await readdir(folder)).filter((name) => name.startsWith('unpacked-'))).toEqual([])
})

// A distribution of one package on the disk: apt itself says what is in it, and fetches it.
async function distribution() {
  const folder = await tempFolder()
  const options = await aptOptions(folder)
  const archive = path.join(folder, 'p_1.orig.tar.gz')
  await writeFile(path.join(folder, 'picture.gif'), gif)
  await runProgram('tar', ['-czf', archive, '-C', folder, 'picture.gif'], { limitMs: 10_000 })
  const gone = `${'b'.repeat(64)} 99 p_1.debian.tar.xz`
  const large = `${'c'.repeat(64)} ${200 * 1024 * 1024} p_1.orig-large.tar.gz`
  const here = `${await digestOf(archive)} ${(await stat(archive)).size} p_1.orig.tar.gz`
  const head = ['Format: 3.0 (quilt)', 'Version: 1', 'Binary: p', 'Architecture: any']
  const tail = [...head, 'Checksums-Sha256:', ` ${here}`, ` ${gone}`, ` ${large}`]
  await writeFile(path.join(folder, 'p_1.dsc'), ['Source: p', ...tail, ''].join('\n'))
  const dsc = path.join(folder, 'p_1.dsc')
  const own = ` ${await digestOf(dsc)} ${(await stat(dsc)).size} p_1.dsc`
  await writeFile(
    path.join(folder, 'Sources'),
    ['Package: p', 'Directory: .', ...tail, own, ''].join('\n'),
  )
  await runProgram('apt-get', ['-qq', ...options, 'update'], { limitMs: 60_000 })
  return { folder, options, archive }
}

async function aptOptions(folder: string): Promise<string[]> {
  for (const place of ['parts', 'lists/partial', 'cache/archives/partial']) {
    await mkdir(path.join(folder, place), { recursive: true })
  }
  await writeFile(path.join(folder, 'parts/p.list'), `deb-src [trusted=yes] file:${folder} ./\n`)
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': path.join(folder, 'parts'),
    'Dir::State::Lists': path.join(folder, 'lists'),
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

test.runIf(existsSync('/usr/bin/apt-get'))(
  'what is not to be had or too large is named, and what is damaged is not used',
  async () => {
    const { folder, options, archive } = await distribution()
    const into = path.join(folder, 'fetched')
    const fetched = await fetchPackage(options, into, 'p')
    expect(fetched).toEqual({
      name: 'p',
      archives: [path.join(into, 'p/p_1.orig.tar.gz')],
      missing: ['p_1.debian.tar.xz', 'p_1.orig-large.tar.gz'],
    })
    const unpacker = new Unpacker(folder)
    expect(await unpacker.imagesOf(fetched)).toMatchObject([{ name: 'p/picture.gif' }])
    // The same name and length, other bytes; and the right ones are not there to be fetched again.
    const damaged = Buffer.from(await readFile(archive)).fill(1, 4, 8)
    await writeFile(path.join(folder, 'damaged'), damaged)
    await copyFile(path.join(folder, 'damaged'), archive)
    await copyFile(path.join(folder, 'damaged'), fetched.archives[0] ?? '')
    const second = await fetchPackage(options, into, 'p')
    expect(second.archives).toEqual([])
    expect(second.missing).toEqual([
      'p_1.orig.tar.gz',
      'p_1.debian.tar.xz',
      'p_1.orig-large.tar.gz',
    ])
    expect(await fetchPackage(options, into, 'unheard-of')).toMatchObject({
      missing: ['unheard-of'],
    })
  },
)
