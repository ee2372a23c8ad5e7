import type { services } from './stage.ts'

/** One fault of the disk under one service. */
export interface DiskFault {
  readonly member: (typeof services)[number]
  readonly syscalls: readonly string[]
  /** What befalls the calls: the disk fails them, or the process is killed as it makes them. */
  readonly kind: 'fails' | 'fails for good' | 'kills'
  /** Which call of a thread. */
  readonly nth: number
}

const syncs = ['fsync', 'fdatasync']
const writes = ['pwrite64', 'pwritev']
const names = ['link', 'linkat', 'rename', 'unlink', 'ftruncate']

type Shape = Omit<DiskFault, 'nth'>

const shapes: readonly Shape[] = [
  { member: 'relay', syscalls: syncs, kind: 'fails' },
  { member: 'file-server', syscalls: syncs, kind: 'fails' },
  { member: 'relay', syscalls: writes, kind: 'kills' },
  { member: 'file-server', syscalls: writes, kind: 'kills' },
  { member: 'relay', syscalls: syncs, kind: 'kills' },
  { member: 'file-server', syscalls: syncs, kind: 'kills' },
  { member: 'relay', syscalls: syncs, kind: 'fails for good' },
  { member: 'file-server', syscalls: names, kind: 'kills' },
  { member: 'relay', syscalls: writes, kind: 'fails' },
  { member: 'file-server', syscalls: syncs, kind: 'fails for good' },
]

/** The faults of a run: every shape in turn, each time at a later call. */
export function faultPlan(count: number): DiskFault[] {
  return Array.from({ length: count }, (_, at) => {
    const shape = shapes[at % shapes.length]
    if (!shape) throw new Error('there are no faults')
    return { ...shape, nth: 1 + Math.floor(at / shapes.length) }
  })
}
