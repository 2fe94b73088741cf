"""How long the import of a module takes in a fresh interpreter, in milliseconds, and what it holds afterwards."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time

start = time.perf_counter()
importlib.import_module(sys.argv[1])
milliseconds = (time.perf_counter() - start) * 1e3
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
print(json.dumps({"value": milliseconds, "peak_mb": peak}))
