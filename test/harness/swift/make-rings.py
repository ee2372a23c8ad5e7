"""Makes a ring, of sixteen partitions of one copy on one disk, for each `store:port` in a folder."""
import os
import sys

from swift.common.ring import RingBuilder

folder, rings = sys.argv[1], sys.argv[2:]
for store, port in (ring.split(":") for ring in rings):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
                     "device": "d1", "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, store + ".ring.gz"))
