export { AppError, isAppError, toAppError } from './app-error.ts'
export type { AppErrorOptions } from './app-error.ts'
export { errorKinds, httpStatus } from './kinds.ts'
export type { ErrorKind } from './kinds.ts'
