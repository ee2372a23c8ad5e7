"""Runs one server of a Swift whose settings are in a folder: account, container, object or proxy."""
import os
import sys

from swift.common import utils

folder, name = sys.argv[1], sys.argv[2]
# Instead of /etc/swift, before anything reads it.
utils.set_swift_dir(folder)

from swift.common.wsgi import run_wsgi  # noqa: E402
from swift.obj import server  # noqa: E402

more = {"global_conf_callback": server.global_conf_callback} if name == "object" else {}
sys.exit(run_wsgi(os.path.join(folder, name + ".conf"), name + "-server", **more))
