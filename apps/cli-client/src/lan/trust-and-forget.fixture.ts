import { KnownPeers } from './known-peers.ts'

// A process that trusts the keys `own0` to `own9` and forgets `other0` to `other9`, in a home that others
// use, too: what it is given is the home, its own byte and the other's.
const [home = '', own = '', other = ''] = process.argv.slice(2)
const known = new KnownPeers(home)
for (let number = 0; number < 10; number += 1) {
  const key = (byte: string) => Buffer.alloc(32, Number(byte)).fill(number, 31)
  await known.trust({ name: `p${own}.${number}`, publicKey: key(own) }, undefined, number)
  await known.forget(key(other).toString('hex'))
}
