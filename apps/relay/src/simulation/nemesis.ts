import { maxProcessBytes } from '../session/send-queue.ts'
import type { Arena } from './arena.ts'
import type { RelayTwin } from './relay-twin.ts'

/** One thing that can go wrong, and how often it does compared to the others. */
interface Fault {
  readonly weight: number
  /** Answers whether there was anything to strike; what is down cannot be killed. */
  readonly strike: (nemesis: Nemesis) => boolean
}

/** How often a run is struck; some strokes find nothing to break. */
const strokesPerRun = 34

const faults: readonly Fault[] = [
  { weight: 5, strike: (nemesis) => nemesis.killRelay('kill') },
  { weight: 4, strike: (nemesis) => nemesis.killRelay('power cut') },
  { weight: 3, strike: (nemesis) => nemesis.slowStore() },
  { weight: 7, strike: (nemesis) => nemesis.cutOne() },
  { weight: 1, strike: (nemesis) => nemesis.cutAll() },
  { weight: 2, strike: (nemesis) => nemesis.breakSilently() },
  { weight: 6, strike: (nemesis) => nemesis.stopReader() },
  { weight: 4, strike: (nemesis) => nemesis.squeeze() },
  { weight: 2, strike: (nemesis) => nemesis.stopProcess() },
  { weight: 2, strike: (nemesis) => nemesis.stepClock() },
  { weight: 1, strike: (nemesis) => nemesis.slowNetwork() },
  { weight: 2, strike: (nemesis) => nemesis.revoke() },
]

/** What can go wrong only with the disk that a relay has for itself. */
const ownFaults: readonly Fault[] = [
  { weight: 2, strike: (nemesis) => nemesis.failSync() },
  { weight: 1, strike: (nemesis) => nemesis.fillDisk() },
]

/** What can go wrong only where several relays share a database on another machine. */
const sharedFaults: readonly Fault[] = [
  { weight: 3, strike: (nemesis) => nemesis.drain() },
  { weight: 6, strike: (nemesis) => nemesis.troubleBus() },
  { weight: 2, strike: (nemesis) => nemesis.loseBus() },
  { weight: 2, strike: (nemesis) => nemesis.loseStore() },
  { weight: 3, strike: (nemesis) => nemesis.loseAnswers() },
]

/** What breaks things, by a schedule that the seed decides, and mends them again. */
export class Nemesis {
  readonly #arena: Arena
  /** What is still broken, to be mended at the latest when everything heals. */
  readonly #mending = new Set<() => void>()

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Plans all faults between now and `untilMs`. */
  plan(untilMs: number): void {
    const { clock, count } = this.#arena
    for (let i = 0; i < strokesPerRun; i += 1) {
      const fault = this.#draw()
      clock.setTimer(clock.between(500, untilMs - 500), () => {
        if (fault.strike(this)) count.faults += 1
      })
    }
  }

  /** Ends every fault. */
  heal(): void {
    for (const mend of this.#mending) mend()
    for (const relay of this.#arena.relays) {
      relay.start()
      relay.process?.goOn()
    }
  }

  killRelay(how: 'kill' | 'power cut'): boolean {
    const { clock, relays } = this.#arena
    const relay = clock.pick(relays)
    const isUp = relay.world !== undefined
    relay.kill(how)
    this.#later(clock.between(50, 1_500), () => relay.start())
    return isUp
  }

  /** A relay is stopped as an operator does it, and started again. */
  drain(): boolean {
    const { clock } = this.#arena
    const relay = this.#relay()
    const isUp = relay.world !== undefined
    relay.drain(2_000)
    this.#later(2_000, () => {
      relay.kill('kill')
      clock.setTimer(clock.between(50, 500), () => relay.start())
    })
    return isUp
  }

  /** The next sync fails; some time later the machine fails too, and shows what it really kept. */
  failSync(): boolean {
    const { clock, count, store } = this.#arena
    store.disk.failsNextSync = true
    this.#breaks('a sync fails', clock.between(500, 3_000), () => {
      store.disk.failsNextSync = false
      if (!store.disk.isDoubtful) return
      count.faults += 1
      this.killRelay('power cut')
    })
    // Counted when a sync has failed: there may be none before it is mended.
    return false
  }

  fillDisk(): boolean {
    const { clock, store } = this.#arena
    store.disk.isFull = true
    this.#breaks('the disk is full', clock.between(200, 2_000), () => (store.disk.isFull = false))
    return true
  }

  slowStore(): boolean {
    const { clock, times } = this.#arena
    const factor = clock.pick([10, 50, 200, 2_500])
    times.factor = factor
    this.#breaks(
      `the store is ${factor} times slower`,
      clock.between(300, 3_000),
      () => (times.factor = 1),
    )
    return true
  }

  cutOne(): boolean {
    const { clock } = this.#arena
    const links = this.#relay().links
    if (links.length === 0) return false
    this.#strikes('a connection is cut')
    clock.pick(links).cut()
    return true
  }

  cutAll(): boolean {
    const links = this.#arena.relays.flatMap((relay) => relay.links)
    this.#strikes('all connections are cut')
    for (const link of links) link.cut()
    return links.length > 0
  }

  breakSilently(): boolean {
    const { clock } = this.#arena
    const links = this.#relay().links
    if (links.length === 0) return false
    const link = clock.pick(links)
    link.breakSilently()
    this.#breaks('a connection is dead, and nobody is told', 40_000, () => link.cut())
    return true
  }

  stopReader(): boolean {
    const { clock, lasting } = this.#arena
    const client = clock.pick(lasting)
    if (client.link?.reads !== true) return false
    client.stopReading()
    this.#breaks(`${client.name} stops reading`, clock.between(200, 12_000), () => client.readOn())
    return true
  }

  /** Memory runs out: what waits for slow devices is dropped. */
  squeeze(): boolean {
    const { clock } = this.#arena
    const budget = this.#relay().world?.engine.sessions.budget
    if (budget === undefined) return false
    budget.usedBytes += maxProcessBytes
    this.#breaks(
      'memory runs out',
      clock.between(100, 3_000),
      () => (budget.usedBytes -= maxProcessBytes),
    )
    return true
  }

  stopProcess(): boolean {
    const { clock } = this.#arena
    const relay = this.#relay()
    const { process } = relay
    if (process === undefined) return false
    process.stop()
    this.#breaks('a relay stands still', clock.between(50, 600), () => process.goOn())
    return relay.world !== undefined
  }

  stepClock(): boolean {
    const { clock } = this.#arena
    const relay = this.#relay()
    const { process } = relay
    if (process === undefined) return false
    this.#strikes('a clock is set')
    process.offsetMs += clock.between(-300_000, 300_000)
    return relay.world !== undefined
  }

  slowNetwork(): boolean {
    const { clock, network } = this.#arena
    network.maxMs = 400
    this.#breaks('the network is slow', clock.between(500, 2_000), () => (network.maxMs = 8))
    return true
  }

  /** The bus loses, repeats, delays and reorders. */
  troubleBus(): boolean {
    const { clock, bus } = this.#arena
    if (bus === undefined) return false
    bus.faults.loss = clock.pick([0, 0.1, 0.5, 1])
    bus.faults.repetition = clock.pick([0, 0.5])
    bus.faults.delayMs = clock.pick([0, 5, 50])
    const { loss, repetition, delayMs } = bus.faults
    this.#breaks('the bus cannot be relied on', clock.between(300, 5_000), () => {
      Object.assign(bus.faults, { loss: 0, repetition: 0, delayMs: 0 })
    })
    return loss + repetition + delayMs > 0
  }

  loseBus(): boolean {
    const { clock, bus } = this.#arena
    if (bus === undefined) return false
    bus.hub.stop()
    this.#breaks('the bus is away', clock.between(300, 5_000), () => bus.hub.start())
    return true
  }

  loseStore(): boolean {
    const { clock, times } = this.#arena
    times.isAway = true
    this.#breaks('the database is away', clock.between(200, 4_000), () => (times.isAway = false))
    return true
  }

  /** Commits are carried out, but those who asked do not hear of it. */
  loseAnswers(): boolean {
    const { clock, times } = this.#arena
    times.lostAnswers = clock.pick([0.2, 0.5, 1])
    this.#breaks(
      'answers of the database are lost',
      clock.between(200, 2_000),
      () => (times.lostAnswers = 0),
    )
    return true
  }

  revoke(): boolean {
    const { clock, lasting, recorder } = this.#arena
    const client = clock.pick(lasting)
    const { user, userId, deviceId } = client.login
    const who = { client: 'by call', user: userId.toString('hex'), device: '', session: '' }
    const facts = { f: 'revoke', ofDevice: deviceId.toString('hex') } as const
    recorder.note(who, { op: 'invoke', ...facts })
    this.#arena.call(user, 'revokeDevice', { user, deviceId }, ({ ok }) =>
      recorder.note(who, { op: ok ? 'ok' : 'fail', ...facts }),
    )
    return true
  }

  #draw(): Fault {
    const { clock, times } = this.#arena
    const all = [...faults, ...(times.isServer ? sharedFaults : ownFaults)]
    let left = clock.random() * all.reduce((sum, { weight }) => sum + weight, 0)
    for (const fault of all) {
      left -= fault.weight
      if (left < 0) return fault
    }
    throw new Error('the weights do not add up')
  }

  #relay(): RelayTwin {
    return this.#arena.clock.pick(this.#arena.relays)
  }

  /** Something is broken for so long, or until everything heals. */
  #breaks(what: string, ms: number, mend: () => void): void {
    this.#arena.fault(what, true)
    this.#later(ms, () => {
      mend()
      this.#arena.fault(what, false)
    })
  }

  #later(ms: number, mend: () => void): void {
    const once = () => {
      if (this.#mending.delete(once)) mend()
    }
    this.#mending.add(once)
    this.#arena.clock.setTimer(ms, once)
  }

  /** Something breaks and is over at once. */
  #strikes(what: string): void {
    this.#arena.fault(what, true)
    this.#arena.fault(what, false)
  }
}
