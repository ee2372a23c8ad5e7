import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { contentOf } from '../harness/parley-command.ts'
import type { Actor } from './actor.ts'
import { disclosureOf, takePhotograph } from './photograph.ts'
import { scene, verified } from './transcript.ts'

/** Those who take part. */
export interface Cast {
  readonly ann: Actor
  readonly bob: Actor
  readonly carol: Actor
}

const invitation = 'Shall we have tea at four? 下午四点喝茶吗 🍵'
const fileBytes = 64 * 1024 * 1024

/** Plays the whole demo; throws as soon as something is not as promised. */
export async function play(cast: Cast): Promise<void> {
  await makeFriends(cast)
  await chat(cast)
  await makeGroup(cast)
  await exchangeFile(cast)
  await exchangePhotograph(cast)
  await missAndCatchUp(cast)
  await search(cast)
}

async function makeFriends({ ann, bob, carol }: Cast): Promise<void> {
  scene('three people register; ann and bob become friends')
  for (const one of [ann, bob, carol]) await one.types('register', one.name)
  await bob.watches()
  await ann.types('friends', 'add', 'bob', '--text', 'We met at the lake')
  await bob.sees('friend request', (line) => contentOf(line)['notice'] === 'contact-requested')
  await bob.types('friends', 'accept', 'ann')
  await ann.watches()
  await ann.sees('presence', isPresence('bob', 'online'))
  verified('ann sees that he is there')
}

async function chat({ ann, bob }: Cast): Promise<void> {
  scene('they chat both ways')
  const first = await ann.sends('send', '@bob', invitation)
  await bob.hears(invitation)
  const second = await bob.sends('send', '@ann', 'Gladly', '--reply', String(first))
  const answer = await ann.hears('Gladly')
  expect(second === first + 1, `the answer has the next number, ${second}`)
  expect(answer['replyToSeq'] === first, `it is a reply to number ${first}`)
}

async function makeGroup({ ann, bob, carol }: Cast): Promise<void> {
  scene('ann makes a group with carol, too')
  await carol.watches()
  await ann.types('friends', 'add', 'carol')
  await carol.types('friends', 'accept', 'ann')
  await ann.types('groups', 'create', 'Tea', 'bob', 'carol')
  await carol.sends('send', '#Tea', 'I bring the biscuits')
  await Promise.all([ann.hears('I bring the biscuits'), bob.hears('I bring the biscuits')])
  verified('all members have the message')
}

async function exchangeFile({ ann, bob }: Cast): Promise<void> {
  scene('ann sends bob a file of 64 MiB')
  const source = path.join(ann.desk, 'recipes.bin')
  await writeFile(source, randomFillSync(Buffer.allocUnsafe(fileBytes)))
  const seq = await ann.sends('send-file', '@bob', 'recipes.bin')
  await bob.sees('file', (line) => contentOf(line)['name'] === 'recipes.bin')
  await bob.types('get', '@ann', String(seq))
  const [sent, got] = [await sha256(source), await sha256(path.join(bob.desk, 'recipes.bin'))]
  expect(sent === got, `all ${fileBytes} bytes are the same, SHA-256 ${got.slice(0, 16)}..`)
}

async function exchangePhotograph({ bob, carol }: Cast): Promise<void> {
  scene('bob sends the group a photograph that knows where it was taken')
  const source = path.join(bob.desk, 'greenwich.jpg')
  await takePhotograph(source)
  const before = await disclosureOf(source)
  expect(before.hasExif && before.hasLatitude, 'the original has EXIF with GPS')
  const seq = await bob.sends('send-image', '#Tea', 'greenwich.jpg')
  await carol.sees('image', (line) => contentOf(line)['name'] === 'greenwich.jpg')
  for (const variant of ['full', 'preview', 'thumb']) {
    const target = `greenwich-${variant}`
    await carol.types('get', '#Tea', String(seq), '--variant', variant, '-o', target)
    const { width, height, hasExif, hasLatitude } = await disclosureOf(
      path.join(carol.desk, target),
    )
    expect(!hasExif && !hasLatitude, `${variant} has no EXIF and no GPS`)
    expect(height > width, `${variant} stands upright, ${width} x ${height}`)
  }
}

async function missAndCatchUp({ ann, bob }: Cast): Promise<void> {
  scene('bob goes offline and misses something')
  await bob.leaves()
  await ann.sees('presence', isPresence('bob', 'offline'))
  verified('ann sees that he left')
  const missed = ['one', 'two', 'three', 'four', 'five'].map((n) => `While you were away: ${n}`)
  for (const words of missed) await ann.sends('send', '@bob', words)
  await bob.types('inbox')
  await bob.watches()
  for (const words of missed) await bob.hears(words)
  const told = bob.screen().map((line) => contentOf(line)['text'])
  const order = told.filter((text) => missed.includes(String(text)))
  expect(order.join() === missed.join(), 'he gets what he missed once and in order')
  expect(!told.includes('Gladly'), 'and nothing that he had before')
  await bob.sees('presence', isPresence('ann', 'online'))
  const isBack = isPresence('bob', 'online')
  const wasAway = ann.screen().findLastIndex(isPresence('bob', 'offline'))
  await ann.sees('presence', (line) => isBack(line) && ann.screen().indexOf(line) > wasAway)
}

async function search({ bob }: Cast): Promise<void> {
  scene('bob looks for what was said about tea')
  // The index is filled in the background; the first words are old enough by now.
  const [found] = await bob.types('search', '喝茶')
  expect(contentOf(found ?? {})['text'] === invitation, 'two Chinese characters find the message')
}

function isPresence(name: string, availability: string) {
  return (line: Readonly<Record<string, unknown>>) =>
    line['type'] === 'presence' && line['name'] === name && line['availability'] === availability
}

function expect(holds: boolean, fact: string): void {
  if (!holds) throw new Error(`this does not hold: ${fact}`)
  verified(fact)
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
