/**
 * True when a batch was lost to something that passes: a full disk is over when there is room again.
 * After any other failed write only the disk knows what it holds, and trying again proves nothing.
 */
export function passes(code: string): boolean {
  return /^SQLITE_(FULL|BUSY|LOCKED|IOERR_SHMSIZE)/.test(code)
}
