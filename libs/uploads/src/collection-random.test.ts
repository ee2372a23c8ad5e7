import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CollectionRace } from './testing/collection-race.ts'

/** What may happen next, around a few contents of which there are many files. */
type Step =
  | { readonly kind: 'upload' | 'prove'; readonly content: number }
  | {
      readonly kind: 'send' | 'forward' | 'recall' | 'tell' | 'collect' | 'go on'
      readonly pick: number
    }
  | { readonly kind: 'wait' }
  | { readonly kind: 'pass'; readonly hours: number }

const runs = Number(process.env['COLLECTION_RUNS'] ?? 40)
const pick = fc.nat({ max: 1_000 })
const content = fc.constantFrom(0, 0, 0, 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('upload', 'prove'), content }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'send',
        'send',
        'forward',
        'recall',
        'recall',
        'tell',
        'tell',
        'collect',
        'collect',
      ),
      pick,
    }),
  },
  { weight: 16, arbitrary: fc.record({ kind: fc.constant('go on'), pick }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass'), hours: fc.constantFrom(1, 30, 50, 50) }),
  },
)

async function carryOut(now: Step, race: CollectionRace): Promise<void> {
  switch (now.kind) {
    case 'upload':
      return race.upload(now.content)
    case 'prove':
      return race.prove(now.content)
    case 'send':
      return race.send(now.pick)
    case 'forward':
      return race.forward(now.pick)
    case 'recall':
      return race.recall(now.pick)
    case 'tell':
      return race.tell(now.pick)
    case 'collect':
      return race.collect()
    case 'go on':
      return race.goOn(now.pick)
    case 'wait':
      return race.wait()
    case 'pass':
      return race.pass(now.hours)
  }
}

// What is on disk here is read back by nobody.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

test(
  'what messages need is readable at every moment, what nobody needs goes in the end',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }),
        async (steps) => {
          const folder = await mkdtemp(path.join(memory, 'parley-race-'))
          const race = await CollectionRace.open(folder)
          try {
            for (const now of steps) {
              await carryOut(now, race)
              await race.rest()
              expect(await race.lost()).toEqual([])
            }
            await race.endWell()
            expect(await race.lost()).toEqual([])
            const { found, wanted } = await race.leftovers()
            expect(found).toEqual(wanted)
          } finally {
            race.close()
            await rm(folder, { recursive: true })
          }
        },
      ),
      { numRuns: runs, interruptAfterTimeLimit: 30_000 + runs * 400, markInterruptAsFailure: true },
    )
  },
  60_000 + runs * 600,
)
