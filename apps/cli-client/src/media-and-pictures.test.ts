import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { twoFriends } from './testing/people.ts'
import type { People, Person } from './testing/people.ts'
import { browserRecording, film, onePixel, sound } from './testing/made-files.ts'
import { endOf, runParley } from './testing/run-parley.ts'

let people: People
let folder: string
let alice: Person
let bob: Person
let carol: Person

beforeAll(async () => {
  people = await twoFriends()
  ;({ folder, alice, bob, carol } = people)
}, 120_000)

afterAll(() => people?.end(), 60_000)

const limitMs = 120_000
const patience = { timeoutMs: 30_000 }

async function written(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

function reasonOf({ err }: { readonly err: string }): unknown {
  return (JSON.parse(err.trim().split('\n').at(-1) ?? '') as { reason?: unknown }).reason
}

describe('media', () => {
  test(
    'a voice message, a video, a sticker and a face arrive, are sent on and are had back',
    async () => {
      const bytes = sound(1_500)
      const voice = await written('hello.wav', bytes)
      const path = await written('dot.png', onePixel)
      const [said] = await alice.does('send-voice', '@bob', voice)
      await alice.does('send-video', '@bob', await written('film.mp4', film(62_250)))
      await alice.does('send-sticker', '@bob', path, '--pack', 'dots', '--name', 'red')
      await alice.does('send-face', '@bob', 'smile')
      const told = await bob.does('history', '@alice')
      expect(told.map(({ content }) => content)).toMatchObject([
        { kind: 'file', presentation: 'voice', durationMs: 1_500, mediaType: 'audio/wav' },
        { kind: 'file', presentation: 'video', durationMs: 62_250, mediaType: 'video/mp4' },
        { kind: 'sticker', pack: 'dots', name: 'red', fileName: 'dot.png', width: 1, height: 1 },
        { kind: 'face', name: 'smile' },
      ])
      const seen = await runParley(bob.env, ['history', '@alice'])
      for (const words of [
        '[voice 0:02: hello.wav',
        '[video 1:02: film.mp4',
        'red of dots',
        '🙂',
      ]) {
        expect(seen.out).toContain(words)
      }
      const got = join(folder, 'got.wav')
      await bob.does('get', '@alice', String(said?.['seq']), '-o', got)
      expect((await readFile(got)).equals(bytes)).toBe(true)
      await bob.does('get', '@alice', String(told[2]?.['seq']), '-o', join(folder, 'got.png'))
      await alice.does('groups', 'create', 'Tea', 'bob')
      await bob.does('forward', '@alice', String(said?.['seq']), '#Tea')
      await bob.does('forward', '@alice', String(told[2]?.['seq']), '#Tea')
      const sentOn = (await alice.does('history', '#Tea')).slice(-2)
      expect(sentOn).toMatchObject([
        { forwarded: true, content: { presentation: 'voice', durationMs: 1_500 } },
        { forwarded: true, content: { kind: 'sticker', pack: 'dots', name: 'red' } },
      ])
      const row = (await alice.does('inbox')).find(({ unread }) => unread === 2)
      expect(row).toMatchObject({ conversation: { title: 'Tea' } })
    },
    limitMs,
  )

  test(
    'what a browser has recorded is a voice with its length, and its film is none',
    async () => {
      const voice = await written('voice.webm', browserRecording(3_000))
      await alice.does('send-voice', '@bob', voice)
      const film = await written('film.webm', browserRecording(3_000, 'pictures'))
      const refused = await alice.run('send-voice', '@bob', film)
      expect([refused.code, reasonOf(refused)]).toEqual([1, 'PRESENTATION_MISMATCH'])
      await alice.does('send-video', '@bob', film)
      const told = await bob.does('history', '@alice', '-n', '2')
      expect(told.map(({ content }) => content)).toMatchObject([
        { presentation: 'voice', durationMs: 3_000, mediaType: 'audio/webm' },
        { presentation: 'video', durationMs: 3_000, mediaType: 'video/webm' },
      ])
    },
    limitMs,
  )

  test(
    'what is no sound is refused as a voice, and nothing is sent of what has no length',
    async () => {
      const words = await written('words.txt', Buffer.from('just words'))
      const lengthless = await alice.run('send-voice', '@bob', words)
      expect([lengthless.code, reasonOf(lengthless)]).toEqual([1, 'DURATION_UNKNOWN'])
      const silent = await alice.run('send-voice', '@bob', words, '--duration', '3')
      expect([silent.code, reasonOf(silent)]).toEqual([1, 'PRESENTATION_MISMATCH'])
      const voice = await written('long.wav', sound(1_000))
      const long = await alice.run('send-voice', '@bob', voice, '--duration', '10:01')
      expect([long.code, reasonOf(long)]).toEqual([1, 'DURATION_OUT_OF_RANGE'])
      expect(await alice.run('send-voice', '@bob', voice, '--duration', 'x')).toMatchObject({
        code: 2,
      })
      const face = await alice.run('send-face', '@bob', 'Big Smile')
      expect([face.code, reasonOf(face)]).toEqual([1, 'FACE_MALFORMED'])
    },
    limitMs,
  )

  test(
    'faces and voices can be said from inside a chat',
    async () => {
      const voice = await written('in chat.wav', sound(2_000))
      const input = `/face wave\n/send-voice "${voice}"\n/quit\n`
      expect(await runParley(alice.env, ['chat', '@bob'], input)).toMatchObject({
        code: 0,
        err: '',
      })
      const told = await bob.does('history', '@alice', '-n', '2')
      expect(told.map(({ content }) => content)).toMatchObject([
        { kind: 'face', name: 'wave' },
        { name: 'in chat.wav', presentation: 'voice', durationMs: 2_000 },
      ])
    },
    limitMs,
  )
})

describe('pictures', () => {
  test(
    'of a user are set, seen, fetched and taken away',
    async () => {
      const dot = await written('me.png', onePixel)
      const facts = { width: 1, height: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }
      const [mine] = await alice.does('profile', '--picture', dot, '--nickname', 'Al')
      expect(mine).toMatchObject({ type: 'profile', nickname: 'Al', picture: facts })
      const [seen] = await carol.does('profile', 'alice')
      expect(seen?.['picture']).toEqual(mine?.['picture'])
      expect(await bob.does('friends')).toMatchObject([{ name: 'alice', picture: facts }])
      const path = join(folder, 'alice.png')
      const [got] = await carol.does('get-picture', '@alice', path)
      const { digest } = (mine?.['picture'] ?? {}) as { digest?: string }
      expect(got).toMatchObject({ type: 'picture-downloaded', path, digest })
      await carol.does('get-picture', '@alice', join(folder, 'thumb'), '--variant', 'thumb')
      await alice.does('profile', '--picture', 'none')
      expect(await carol.does('profile', 'alice')).toMatchObject([{ picture: null }])
      const none = await carol.run('get-picture', '@alice', join(folder, 'none'))
      expect([none.code, reasonOf(none)]).toEqual([1, 'ATTACHMENT_UNKNOWN'])
    },
    limitMs,
  )

  test(
    'of a contact are heard of at once by who watches, with the other words of the profile',
    async () => {
      const watch = bob.start('watch')
      let out = ''
      watch.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
      const ended = endOf(watch)
      const heard = (type: string) => {
        const lines = out.split('\n').filter((line) => line.includes(`"type":"${type}"`))
        return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      }
      // Whoever is told how alice is follows her.
      await eventually(() => heard('presence').some(({ name }) => name === 'alice'), patience)
      await alice.does('profile', '--nickname', 'Ally')
      await eventually(
        () => expect(heard('profile')).toMatchObject([{ nickname: 'Ally' }]),
        patience,
      )
      const path = await written('new.png', onePixel)
      await carol.does('profile', '--picture', path)
      await alice.does('profile', '--picture', path)
      const seen = { type: 'profile', name: 'alice', nickname: 'Ally', picture: { width: 1 } }
      await eventually(() => expect(heard('profile').at(-1)).toMatchObject(seen), patience)
      // A stranger is nobody's business.
      expect(heard('profile').map(({ name }) => name)).not.toContain('carol')
      watch.kill('SIGINT')
      expect((await ended).code).toBe(0)
    },
    limitMs,
  )

  test(
    'of a group are changed by those who may, and all members hear of it',
    async () => {
      await alice.does('groups', 'create', 'Picnic', 'bob')
      const path = await written('group.png', onePixel)
      const refused = await bob.run('groups', 'picture', 'Picnic', path)
      expect([refused.code, reasonOf(refused)]).toEqual([1, 'ADMINS_ONLY'])
      expect(await alice.does('groups', 'picture', 'Picnic', path)).toMatchObject([
        { type: 'group-changed', change: 'picture' },
      ])
      const group = (await bob.does('groups')).find(({ title }) => title === 'Picnic')
      expect(group).toMatchObject({ picture: { width: 1 } })
      const told = (await bob.does('history', '#Picnic')).at(-1)
      expect(told).toMatchObject({ content: { change: 'picture', picture: { width: 1 } } })
      const id = String(group?.['conversationId'])
      await bob.does('get-picture', '#Picnic', join(folder, 'picnic'))
      await bob.does('groups', 'leave', 'Picnic')
      const gone = await bob.run('get-picture', id, join(folder, 'picnic 2'))
      expect([gone.code, reasonOf(gone)]).toEqual([1, 'ATTACHMENT_UNKNOWN'])
      await alice.does('groups', 'picture', 'Picnic', 'none')
      const bare = (await alice.does('groups')).find(({ title }) => title === 'Picnic')
      expect(bare).toMatchObject({ picture: null })
    },
    limitMs,
  )
})
