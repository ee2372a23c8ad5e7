import { keyMetadata, openClient, serviceKeyHeader } from '@parley/grpc-kit'
import { common } from '@parley/proto'

/** Who wants to go by a name. */
interface Claim {
  readonly name: string
  /** Empty when none was said. */
  readonly password: string
  /** The IP address of the claimant. */
  readonly address: string
}

/** Whether the claimant may: the name is nobody's, or the password was its; or may not. */
export type Standing = 'free' | 'confirmed' | 'taken' | 'impossible'

/** Whose the names are. */
export interface NameBook {
  /** Rejects with an `AppError` when it cannot be known now, or when it was asked too often. */
  check(claim: Claim): Promise<Standing>
}

/** The names that are registered with the relay at `address` (`host:port`). */
export interface RelayNameBook extends NameBook {
  close(): void
}

const deadlineMs = 5_000

/** Opens the way to a relay's names. */
export function openRelayNameBook(address: string, serviceKey: string): RelayNameBook {
  const metadata = keyMetadata(serviceKeyHeader, serviceKey)
  const relay = openClient(common.NamesClient, address, { metadata, deadlineMs })
  return {
    check: async (claim) => standingOf((await relay.call.check(claim)).standing),
    close: () => relay.close(),
  }
}

// An answer of a later relay that means nothing here is none to trust.
function standingOf(standing: common.NameStanding): Standing {
  switch (standing) {
    case common.NameStanding.FREE:
      return 'free'
    case common.NameStanding.CONFIRMED:
      return 'confirmed'
    case common.NameStanding.TAKEN:
      return 'taken'
    case common.NameStanding.UNSPECIFIED:
    case common.NameStanding.IMPOSSIBLE:
    case common.NameStanding.UNRECOGNIZED:
      return 'impossible'
  }
}
