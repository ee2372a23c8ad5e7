import { common } from '@parley/proto'
import { peerNetwork } from '@parley/service-kit'
import type { Context } from '../../context.ts'
import { parseName } from '../../domain/names.ts'

const { FREE, TAKEN, CONFIRMED, IMPOSSIBLE } = common.NameStanding

/** Whether somebody elsewhere may go by a name. */
export async function check(
  ctx: Context,
  { name: text, password, address }: common.NamesCheckRequest,
): Promise<common.NamesCheckResponse> {
  const name = parseName(text)
  if (typeof name === 'string') return { standing: IMPOSSIBLE }
  const { key: nameKey, skeleton } = name
  const found = await ctx.journal.ask('namesakes', { nameKey, skeleton })
  if (found.length === 0) return { standing: FREE }
  if (password === '') return { standing: TAKEN }
  const owner = found.find((one) => one.nameKey === nameKey && !one.disabled)
  const matches = await knows(ctx, owner?.password, { nameKey, password, address })
  return { standing: matches ? CONFIRMED : TAKEN }
}

interface Guess {
  readonly nameKey: string
  readonly password: string
  readonly address: string
}

// Counted with the logins: nobody may guess here who may not guess there.
async function knows(ctx: Context, stored: string | undefined, guess: Guess): Promise<boolean> {
  const { passwords, rates } = ctx.security
  const address = peerNetwork(guess.address)
  rates.login(address, guess.nameKey)
  const matches = await passwords.verify(stored, guess.password)
  if (matches) rates.loginSucceeded(address, guess.nameKey)
  else {
    rates.loginFailed(address, guess.nameKey)
    ctx.events.loginRefused(address)
  }
  return matches
}
