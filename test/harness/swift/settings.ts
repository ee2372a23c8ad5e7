import { userInfo } from 'node:os'

/** Where each server of a Swift listens, on loopback. */
export interface SwiftPorts {
  readonly proxy: number
  readonly account: number
  readonly container: number
  readonly object: number
}

/** A kind of storage server. */
export type SwiftStore = 'account' | 'container' | 'object'

/** The three kinds. */
export const swiftStores: readonly SwiftStore[] = ['account', 'container', 'object']

/** What all its servers know. */
export const commonSettings = `[swift-hash]
swift_hash_path_prefix = parley
swift_hash_path_suffix = parley
[storage-policy:0]
name = one
default = yes
`

/** Who is let in. */
export const swiftKeys = { accessKeyId: 'test:tester', secretAccessKey: 'testing' }

/** The settings of a storage server that keeps its things in `folder`/disk. */
export function storeSettings(folder: string, store: SwiftStore, port: number): string {
  return `${common(folder, port)}
[pipeline:main]
pipeline = ${store}-server
[app:${store}-server]
use = egg:swift#${store}
`
}

/** The settings of the door: the S3 API over passwords of its own. */
export function doorSettings(folder: string, port: number): string {
  return `${common(folder, port)}
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_${swiftKeys.accessKeyId.replace(':', '_')} = ${swiftKeys.secretAccessKey} .admin
[filter:slo]
use = egg:swift#slo
`
}

function common(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${folder}/disks
recon_cache_path = ${folder}/recon
mount_check = false
log_level = WARNING
`
}
