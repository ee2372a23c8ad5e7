import { issueAccessToken } from '@parley/auth'
import type { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import type { Context } from '../../context.ts'
import { packageOwner } from './package-owner.ts'

/** A token by which a package can be uploaded; it opens the file server and nothing else. */
export async function admitPackage(ctx: Context): Promise<chat.AdmitPackageResponse> {
  const owner = uuidText(packageOwner)
  const grant = { userId: owner, deviceId: owner, loginId: 'operator' }
  const { token, expiresAtMs } = await issueAccessToken(ctx.signer, grant, ['files'])
  const filesUrl = ctx.config.filesPublic
  return { accessToken: token, accessExpiresAtMs: expiresAtMs, filesUrl }
}
