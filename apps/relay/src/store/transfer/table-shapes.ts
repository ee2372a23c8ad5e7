import type { Sqlite } from '../sqlite/open-database.ts'

/** A table as both stores have it. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
  /** By which its rows are read, in the same order on both sides. */
  readonly key: readonly string[]
}

/** Leases are of relays that run; none does while a store is moved. */
const leftOut = new Set(['leases'])

/** Every table whose rows are moved. A log comes in the order of its numbers. */
export function tableShapes(db: Sqlite): TableShape[] {
  const names = db
    .prepare<[], string>(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`,
    )
    .pluck()
    .all()
  return names.filter((name) => !leftOut.has(name)).map((name) => shapeOf(db, name))
}

function shapeOf(db: Sqlite, name: string): TableShape {
  const columns = db
    .prepare<[string], { name: string; pk: number }>('select name, pk from pragma_table_info(?)')
    .all(name)
  const key = columns
    .filter(({ pk }) => pk > 0)
    .toSorted((one, other) => one.pk - other.pk)
    .map((column) => column.name)
  return { name, columns: columns.map((column) => column.name), key }
}
