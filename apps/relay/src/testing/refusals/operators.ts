import type { chat } from '@parley/proto'
import { encodeManifest } from '@parley/upgrades'
import { row, password } from './cast.ts'
import type { RowsOf } from './cast.ts'

const manifest = encodeManifest({
  channel: 'stable',
  platform: 'linux-x64',
  version: '1.2.3',
  fileId: 'f'.repeat(27),
  sizeBytes: 5,
  digest: 'ab'.repeat(32),
  minVersion: '0.0.0',
  notes: '',
  publishedAtMs: 1,
})
const signed = { manifest, signature: Buffer.alloc(64), keyId: '0'.repeat(16) }

/** What operators refuse. */
export const operatorsRows: RowsOf<typeof chat.OperatorsService> = {
  listUsers: [],
  createInvitationCode: [
    row('NUMBER_OUT_OF_RANGE', 'no uses', (c) => c.operator.operators.createInvitationCode()),
    row('NUMBER_OUT_OF_RANGE', 'too many uses', (c) =>
      c.operator.operators.createInvitationCode({ uses: 1001 }),
    ),
    row('NUMBER_OUT_OF_RANGE', 'for ever', (c) =>
      c.operator.operators.createInvitationCode({ uses: 1, validMs: Number.MAX_SAFE_INTEGER }),
    ),
  ],
  setDisabled: [
    row('USER_UNKNOWN', 'nobody', (c) => c.operator.operators.setDisabled({ name: 'zorro' })),
    row('TEXT_EMPTY', 'no name', (c) => c.operator.operators.setDisabled()),
  ],
  resetPassword: [
    row('USER_UNKNOWN', 'nobody', (c) =>
      c.operator.operators.resetPassword({ name: 'zorro', newPassword: password }),
    ),
    row('PASSWORD_COMMON', 'a common password', (c) =>
      c.operator.operators.resetPassword({ name: 'alice', newPassword: '12345678' }),
    ),
  ],
  listSessions: [],
  admitPackage: [],
  publishUpgrade: [
    row('MANIFEST_MALFORMED', 'no manifest', (c) => c.operator.operators.publishUpgrade()),
    row('SIGNATURE_MALFORMED', 'no signature', (c) =>
      c.operator.operators.publishUpgrade({ ...signed, signature: Buffer.alloc(63) }),
    ),
    row('SIGNATURE_MALFORMED', 'a strange name of a key', (c) =>
      c.operator.operators.publishUpgrade({ ...signed, keyId: 'mine' }),
    ),
    row('ATTACHMENT_UNKNOWN', 'no receipt', (c) => c.operator.operators.publishUpgrade(signed)),
  ],
}
