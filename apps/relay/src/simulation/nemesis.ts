import { maxProcessBytes } from '../session/send-queue.ts'
import type { Arena } from './arena.ts'
import type { RelayTwin } from './relay-twin.ts'

/** One thing that can go wrong, and how often it does compared to the others. */
interface Fault {
  readonly weight: number
  readonly strike: (nemesis: Nemesis) => void
}

/** How many faults a run has. */
const faultsPerRun = 34

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
    for (let i = 0; i < faultsPerRun; i += 1) {
      const fault = this.#draw()
      clock.setTimer(clock.between(500, untilMs - 500), () => {
        count.faults += 1
        fault.strike(this)
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

  killRelay(how: 'kill' | 'power cut'): void {
    const { clock, relays } = this.#arena
    const relay = clock.pick(relays)
    relay.kill(how)
    this.#later(clock.between(50, 1_500), () => relay.start())
  }

  /** A relay is stopped as an operator does it, and started again. */
  drain(): void {
    const { clock } = this.#arena
    const relay = this.#relay()
    relay.drain(2_000)
    this.#later(2_000, () => {
      relay.kill('kill')
      clock.setTimer(clock.between(50, 500), () => relay.start())
    })
  }

  /** The next sync fails; some time later the machine fails too, and shows what it really kept. */
  failSync(): void {
    const { clock, store } = this.#arena
    store.disk.failsNextSync = true
    this.#breaks('a sync fails', clock.between(500, 3_000), () => {
      store.disk.failsNextSync = false
      if (store.disk.isDoubtful) this.killRelay('power cut')
    })
  }

  fillDisk(): void {
    const { clock, store } = this.#arena
    store.disk.isFull = true
    this.#breaks('the disk is full', clock.between(200, 2_000), () => (store.disk.isFull = false))
  }

  slowStore(): void {
    const { clock, times } = this.#arena
    const factor = clock.pick([10, 50, 200, 2_500])
    times.factor = factor
    this.#breaks(
      `the store is ${factor} times slower`,
      clock.between(300, 3_000),
      () => (times.factor = 1),
    )
  }

  cutOne(): void {
    const { clock } = this.#arena
    const links = this.#relay().links
    if (links.length === 0) return
    this.#strikes('a connection is cut')
    clock.pick(links).cut()
  }

  cutAll(): void {
    this.#strikes('all connections are cut')
    for (const relay of this.#arena.relays) for (const link of relay.links) link.cut()
  }

  breakSilently(): void {
    const { clock } = this.#arena
    const links = this.#relay().links
    if (links.length === 0) return
    const link = clock.pick(links)
    link.breakSilently()
    this.#breaks('a connection is dead, and nobody is told', 40_000, () => link.cut())
  }

  stopReader(): void {
    const { clock, lasting } = this.#arena
    const client = clock.pick(lasting)
    if (client.link?.reads !== true) return
    client.stopReading()
    this.#breaks(`${client.name} stops reading`, clock.between(200, 12_000), () => client.readOn())
  }

  /** Memory runs out: what waits for slow devices is dropped. */
  squeeze(): void {
    const { clock } = this.#arena
    const budget = this.#relay().world?.engine.sessions.budget
    if (budget === undefined) return
    budget.usedBytes += maxProcessBytes
    this.#breaks(
      'memory runs out',
      clock.between(100, 3_000),
      () => (budget.usedBytes -= maxProcessBytes),
    )
  }

  stopProcess(): void {
    const { clock } = this.#arena
    const { process } = this.#relay()
    if (process === undefined) return
    process.stop()
    this.#breaks('a relay stands still', clock.between(50, 600), () => process.goOn())
  }

  stepClock(): void {
    const { clock } = this.#arena
    const { process } = this.#relay()
    if (process === undefined) return
    this.#strikes('a clock is set')
    process.offsetMs += clock.between(-300_000, 300_000)
  }

  slowNetwork(): void {
    const { clock, network } = this.#arena
    network.maxMs = 400
    this.#breaks('the network is slow', clock.between(500, 2_000), () => (network.maxMs = 8))
  }

  /** The bus loses, repeats, delays and reorders. */
  troubleBus(): void {
    const { clock, bus } = this.#arena
    if (bus === undefined) return
    bus.faults.loss = clock.pick([0, 0.1, 0.5, 1])
    bus.faults.repetition = clock.pick([0, 0.5])
    bus.faults.delayMs = clock.pick([0, 5, 50])
    this.#breaks('the bus cannot be relied on', clock.between(300, 5_000), () => {
      Object.assign(bus.faults, { loss: 0, repetition: 0, delayMs: 0 })
    })
  }

  loseBus(): void {
    const { clock, bus } = this.#arena
    if (bus === undefined) return
    bus.hub.stop()
    this.#breaks('the bus is away', clock.between(300, 5_000), () => bus.hub.start())
  }

  loseStore(): void {
    const { clock, times } = this.#arena
    times.isAway = true
    this.#breaks('the database is away', clock.between(200, 4_000), () => (times.isAway = false))
  }

  /** Commits are carried out, but those who asked do not hear of it. */
  loseAnswers(): void {
    const { clock, times } = this.#arena
    times.lostAnswers = clock.pick([0.2, 0.5, 1])
    this.#breaks(
      'answers of the database are lost',
      clock.between(200, 2_000),
      () => (times.lostAnswers = 0),
    )
  }

  revoke(): void {
    const { clock, lasting, recorder } = this.#arena
    const client = clock.pick(lasting)
    const { user, userId, deviceId } = client.login
    const who = { client: 'by call', user: userId.toString('hex'), device: '', session: '' }
    const facts = { f: 'revoke', ofDevice: deviceId.toString('hex') } as const
    recorder.note(who, { op: 'invoke', ...facts })
    this.#arena.call(user, 'revokeDevice', { user, deviceId }, ({ ok }) =>
      recorder.note(who, { op: ok ? 'ok' : 'fail', ...facts }),
    )
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
