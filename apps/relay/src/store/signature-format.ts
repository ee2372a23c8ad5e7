import { signatureVersion } from '../domain/signature.ts'

/** Signatures are compared only with their like: of one version, and made by one Unicode. */
export const signatureFormat =
  signatureVersion * 10_000 + Math.round(Number(process.versions.unicode) * 100)
