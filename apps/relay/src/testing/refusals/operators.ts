import type { chat } from '@parley/proto'
import { row, password } from './cast.ts'
import type { RowsOf } from './cast.ts'

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
}
