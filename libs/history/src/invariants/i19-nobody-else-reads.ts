import type { Invariant } from '../facts.ts'

/** I19: nobody is served what is not theirs, and the refusal looks as if it did not exist. */
export const nobodyElseReads: Invariant = ({ events }) => {
  const probes = events.filter((event) => event.f === 'probe')
  const served = probes.filter(({ op }) => op === 'ok')
  const told = served.map(({ user, what, answer }) => `${user} was served ${what}: ${answer}`)
  return [...told, ...[...Map.groupBy(probes, ({ what }) => what)].flatMap(tellTale)]
}

function tellTale([what, probes]: [
  string,
  readonly { exists: boolean; answer: string; op: string }[],
]): string[] {
  const answers = (exists: boolean) =>
    new Set(probes.filter((p) => p.exists === exists && p.op === 'fail').map((p) => p.answer))
  const [there, absent] = [answers(true), answers(false)]
  if (absent.size === 0) return []
  const tells = [...there].filter((answer) => !absent.has(answer))
  return tells.map((answer) => `${what} that exists is denied as "${answer}", nothing else is`)
}
