import { expect, test } from 'vitest'
import { assertMayUse, parseS3Url } from './s3-url.ts'
import type { S3Location } from './s3-url.ts'

test('reads a server with its key, secret, bucket and region', () => {
  expect(parseS3Url('s3://ID:se%2Fcr%2Bet@127.0.0.1:9000/blobs?region=eu-1&tls=0')).toEqual({
    endpoint: 'http://127.0.0.1:9000',
    bucket: 'blobs',
    region: 'eu-1',
    credentials: { accessKeyId: 'ID', secretAccessKey: 'se/cr+et' },
  })
})

test('reads AWS itself, its credentials left to the environment', () => {
  expect(parseS3Url('s3:///my.bucket?region=eu-central-1')).toEqual({
    endpoint: undefined,
    bucket: 'my.bucket',
    region: 'eu-central-1',
    credentials: undefined,
  })
})

test('is over TLS unless told', () => {
  expect(parseS3Url('s3://store.example:8443/blobs')).toMatchObject({
    endpoint: 'https://store.example:8443',
    region: 'us-east-1',
  })
})

test.each([
  ['', 'nothing'],
  ['http://host/bucket', 'another scheme'],
  ['s3://host', 'no bucket'],
  ['s3://host/Bucket', 'capitals'],
  ['s3://host/bucket/deeper', 'a folder'],
  ['s3://host/bucket?tls=no', 'a switch that is none'],
  ['s3://host/bucket?regoin=eu', 'a parameter that is none'],
  ['s3://host/bucket?region=a_b', 'a region that is none'],
  ['s3://SECRET@host/bucket', 'a key alone'],
  ['s3://SECRET:%ZZ@host/bucket', 'a secret that does not decode'],
])('refuses %j (%s) without repeating it', (text) => {
  const problem = parseS3Url(text)
  expect(problem).toBeTypeOf('string')
  expect(problem).not.toMatch(/^(?!must be s3:).*SECRET/)
})

test('goes off loopback without TLS only when that is allowed', () => {
  const plain = parseS3Url('s3://k:s@store.example/bucket?tls=0') as S3Location
  expect(() => assertMayUse(plain, false)).toThrow('without TLS')
  assertMayUse(plain, true)
  assertMayUse(parseS3Url('s3://k:s@127.0.0.1:9000/bucket?tls=0') as S3Location, false)
  assertMayUse(parseS3Url('s3://k:s@store.example/bucket') as S3Location, false)
  assertMayUse(parseS3Url('s3:///bucket') as S3Location, false)
})
