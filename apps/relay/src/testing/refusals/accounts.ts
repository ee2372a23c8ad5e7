import { randomBytes } from 'node:crypto'
import type { chat } from '@parley/proto'
import { row, password, nobodysId, shortId, long, changed } from './cast.ts'
import type { RowsOf } from './cast.ts'

/** What accounts refuse. */
export const accountsRows: RowsOf<typeof chat.AccountsService> = {
  register: [
    row('NAME_TAKEN', 'a taken name', (c) =>
      c.nobody.accounts.register({ name: 'Alice', password }),
    ),
    row('NAME_TAKEN', 'a name that looks like a taken one', (c) =>
      c.nobody.accounts.register({ name: 'b0b', password }),
    ),
    row('NAME_EMPTY', 'no name', (c) => c.nobody.accounts.register({ password })),
    row('NAME_TOO_LONG', 'a long name', (c) =>
      c.nobody.accounts.register({ name: long(33), password }),
    ),
    row('NAME_CHARACTERS', 'a path for a name', (c) =>
      c.nobody.accounts.register({ name: '../x', password }),
    ),
    row('NAME_MIXED_SCRIPTS', 'a name in two scripts', (c) =>
      c.nobody.accounts.register({ name: 'd\u0430ve', password }),
    ),
    row('NAME_RESERVED', 'a reserved name', (c) =>
      c.nobody.accounts.register({ name: 'adm1n', password }),
    ),
    row('PASSWORD_TOO_SHORT', 'a short password', (c) =>
      c.nobody.accounts.register({ name: 'dave', password: 'x' }),
    ),
    row('PASSWORD_TOO_LONG', 'a long password', (c) =>
      c.nobody.accounts.register({ name: 'dave', password: long(129) }),
    ),
    row('PASSWORD_COMMON', 'a common password', (c) =>
      c.nobody.accounts.register({ name: 'dave', password: 'password1' }),
    ),
    row('PASSWORD_IS_NAME', 'the name as password', (c) =>
      c.nobody.accounts.register({ name: 'dave.the.brave', password: 'Dave.the.Brave' }),
    ),
    row('ID_MALFORMED', 'a short device id', (c) =>
      c.nobody.accounts.register({ name: 'dave', password, deviceId: shortId }),
    ),
    row('TEXT_TOO_LONG', 'a long device name', (c) =>
      c.nobody.accounts.register({ name: 'dave', password, deviceName: long(65) }),
    ),
  ],
  login: [
    row('CREDENTIALS_INVALID', 'a wrong password', (c) =>
      c.nobody.accounts.login({ name: 'alice', password: 'wrong horse' }),
    ),
    row('CREDENTIALS_INVALID', 'an unknown user', (c) =>
      c.nobody.accounts.login({ name: 'zorro', password }),
    ),
    row('CREDENTIALS_INVALID', 'a name of a megabyte less a bit', (c) =>
      c.nobody.accounts.login({ name: long(200_000), password }),
    ),
    row('ID_MALFORMED', 'a short device id', (c) =>
      c.nobody.accounts.login({ name: 'alice', password, deviceId: shortId }),
    ),
    row('TEXT_CONTROLS', 'a device name that rings', (c) =>
      c.nobody.accounts.login({ name: 'alice', password, deviceName: 'ding\u0007' }),
    ),
  ],
  refresh: [
    row('TOKEN_INVALID', 'no token', (c) => c.nobody.accounts.refresh()),
    row('TOKEN_INVALID', 'a made-up token', (c) =>
      c.nobody.accounts.refresh({ refreshToken: randomBytes(64).toString('base64url') }),
    ),
    row('TOKEN_INVALID', 'an access token', (c) =>
      c.nobody.accounts.refresh({ refreshToken: c.alice.credentials.accessToken }),
    ),
    row('TOKEN_INVALID', 'a changed token', (c) =>
      c.nobody.accounts.refresh({ refreshToken: changed(c.alice.credentials.refreshToken) }),
    ),
  ],
  logout: [
    row('TOKEN_INVALID', 'a changed token', (c) =>
      c.bearer(changed(c.alice.credentials.accessToken)).accounts.logout(),
    ),
  ],
  changePassword: [
    row('CREDENTIALS_INVALID', 'a wrong old password', (c) =>
      c.alice.accounts.changePassword({ oldPassword: 'x', newPassword: 'battery staple' }),
    ),
    row('PASSWORD_TOO_SHORT', 'a short new one', (c) =>
      c.alice.accounts.changePassword({ oldPassword: password, newPassword: 'x' }),
    ),
    row('PASSWORD_COMMON', 'a common new one', (c) =>
      c.alice.accounts.changePassword({ oldPassword: password, newPassword: 'iloveyou' }),
    ),
  ],
  listDevices: [],
  revokeDevice: [
    row('DEVICE_UNKNOWN', "another's device", (c) =>
      c.carol.accounts.revokeDevice({ deviceId: c.alice.credentials.deviceId }),
    ),
    row('DEVICE_UNKNOWN', 'no device', (c) =>
      c.carol.accounts.revokeDevice({ deviceId: nobodysId }),
    ),
    row('ID_MALFORMED', 'no id', (c) => c.carol.accounts.revokeDevice()),
  ],
  getProfile: [
    row('USER_UNKNOWN', 'an unknown id', (c) =>
      c.alice.accounts.getProfile({ user: { $case: 'userId', value: nobodysId } }),
    ),
    row('USER_UNKNOWN', 'an unknown name', (c) =>
      c.alice.accounts.getProfile({ user: { $case: 'name', value: 'zorro' } }),
    ),
    row('USER_MISSING', 'nothing', (c) => c.alice.accounts.getProfile()),
    row('ID_MALFORMED', 'a short id', (c) =>
      c.alice.accounts.getProfile({ user: { $case: 'userId', value: shortId } }),
    ),
  ],
  updateProfile: [
    row('TEXT_TOO_LONG', 'a long nickname', (c) =>
      c.alice.accounts.updateProfile({ nickname: long(65) }),
    ),
    row('TEXT_CONTROLS', 'a nickname that turns around', (c) =>
      c.alice.accounts.updateProfile({ nickname: '\u202eecila' }),
    ),
    row('TEXT_TOO_LONG', 'a long text', (c) =>
      c.alice.accounts.updateProfile({ about: long(281) }),
    ),
  ],
  setPicture: [
    row('ATTACHMENT_UNKNOWN', 'words for a receipt', (c) =>
      c.alice.accounts.setPicture({ receipt: 'a receipt' }),
    ),
    row('KEYS_UNAVAILABLE', 'what may be a receipt, while the keys are not known', (c) =>
      c.alice.accounts.setPicture({ receipt: c.alice.credentials.accessToken }),
    ),
  ],
  findUsers: [
    row('QUERY_TOO_SHORT', 'one letter', (c) => c.alice.accounts.findUsers({ query: 'a' })),
    row('QUERY_TOO_SHORT', 'nothing', (c) => c.alice.accounts.findUsers()),
    row('LIMIT_OUT_OF_RANGE', 'too many', (c) =>
      c.alice.accounts.findUsers({ query: 'al', limit: 101 }),
    ),
  ],
  listOnline: [
    row('ID_MALFORMED', 'a page token that is none', (c) =>
      c.alice.accounts.listOnline({ pageToken: 'x' }),
    ),
  ],
}
