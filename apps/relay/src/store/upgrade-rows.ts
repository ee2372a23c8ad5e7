/** What names the packages that come after one another. */
export interface UpgradePlace {
  readonly channel: string
  readonly platform: string
}

/** A package as it is published. */
export interface NewUpgrade extends UpgradePlace {
  readonly version: string
  /** Clients before it are too old. */
  readonly minVersion: string
  readonly fileId: string
  /** As the operator signed it. */
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
  readonly keyId: string
  readonly publishedAtMs: number
}

/** A published package as the next publication sees it. */
export interface UpgradeRow {
  readonly id: number
  readonly version: string
  readonly fileId: string
  readonly publishedAtMs: number
}

/** Published packages; each is held on the file server as long as it is here. */
export interface UpgradeRows {
  /** Those of a channel and platform, the newest first. */
  list(place: UpgradePlace): readonly UpgradeRow[]
  /** How many channels and platforms have packages. */
  countPlaces(): number
  /** Adds one and puts its Hold into the outbox. */
  insert(upgrade: NewUpgrade): void
  /** Takes one away and puts its release into the outbox. */
  remove(upgrade: UpgradeRow): void
}

/** The name under which a package is held on the file server. */
export function upgradeHolder(id: number): string {
  return `upgrade/${id}`
}
