/** The way to a device, made by its dialect. */
export interface Outlet {
  /** Writes one frame; false means: write no more until drained. */
  write(frame: Buffer): boolean
  /** Ends the stream after what was written. */
  end(): void
  /** Ends the stream now, whatever was written. */
  destroy(): void
  /** Stops and goes on reading from the device. */
  pause(): void
  resume(): void
}
