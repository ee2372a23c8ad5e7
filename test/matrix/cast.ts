import { befriend } from '../harness/person.ts'
import type { Person } from '../harness/person.ts'
import type { World } from '../harness/world.ts'
import { bytesOf } from './bytes-of.ts'

/** Who acts, each in one relation to the groups of the stage and to their owner. */
export const actors = [
  'owner',
  'admin',
  'member',
  'left',
  'removed',
  'invited',
  'blocked',
  'outsider',
] as const
export type Actor = (typeof actors)[number]

/** Everybody, by what they are. */
export type Cast = Readonly<Record<Actor, Person>>

/** All but the one invited and the outsider are the owner's contacts; one of them is blocked. */
export async function makeCast(world: World): Promise<Cast> {
  const people = await Promise.all(
    actors.map(async (actor) => [actor, await world.person(`the.${actor}`)] as const),
  )
  const cast = Object.fromEntries(people) as Cast
  const { owner, admin, member, left, removed, blocked } = cast
  for (const friend of [admin, member, left, removed, blocked]) await befriend(owner, friend)
  const hello = { content: { $case: 'text', value: { text: 'hello' } } } as const
  await owner.connect({ transient: true }).send({ userId: blocked.userId }, hello)
  await owner.calls.contacts.block({ userId: bytesOf(blocked) })
  return cast
}
