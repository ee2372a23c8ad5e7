export { startMariadb } from './mariadb.ts'
export type { Mariadb, MariadbOptions } from './mariadb.ts'
