/** The most cursors of one hello, over all its frames. */
export const maxCursors = 10_000
/** The most sessions of one user at a time, transient ones included. */
export const maxSessionsOfUser = 256
/** A stream says hello within this time. */
export const helloWithinMs = 10_000
/** Answers that wait for a device; over it nothing is taken from the device until it reads. */
export const maxQueuedControls = 2_000
/** News of others (typing, receipts, presence) that wait for a device; over it the device is let go. */
export const maxQueuedNews = 20_000
/** How often it is looked whether the device reads again. */
export const recheckMs = 50
/** A device that was silent for so long beyond its heartbeat is gone. */
export const silenceMs = 15_000
/** A device that takes nothing for so long although something waits is let go; it resumes later. */
export const stuckMs = 30_000
/** A stream outlives its token by so much. */
export const expiryGraceMs = 30_000

/** The longest frame of a device. */
export const maxRequestBytes = 256 * 1024
