import { afterAll, beforeAll, describe } from 'vitest'
import { doorsMatrix } from './doors-matrix.ts'
import { httpMatrix } from './http-matrix.ts'
import { objectsMatrix } from './objects-matrix.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'
import { streamsMatrix } from './streams-matrix.ts'

let stage: Stage | undefined

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.world.stop())

function get(): Stage {
  if (stage) return stage
  throw new Error('the stage is not open')
}

describe('gRPC doors', () => doorsMatrix(get))
describe('HTTP routes', () => httpMatrix(get))
describe('commands of streams', () => streamsMatrix(get))
// Last: it changes how people stand to each other.
describe('methods and objects', () => objectsMatrix(get))
