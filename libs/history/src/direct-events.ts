/** What a device shows whose messages come by two ways, and when it doubts what it has shown. */
export type DirectEvent =
  | {
      readonly op: 'ok'
      readonly f: 'shown'
      readonly conversation: string
      /** Of whom the device says that it is. */
      readonly sender: string
      readonly id: string
      readonly body: string
      /** `direct`: from the sender's device, before the server's copy. */
      readonly way: 'direct' | 'relay'
    }
  /** The device says that something it has shown may not be stored. */
  | {
      readonly op: 'info'
      readonly f: 'doubt'
      readonly conversation: string
      readonly id: string
    }
