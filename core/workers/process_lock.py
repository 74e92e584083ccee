"""What a worker process may do only once at a time.

A worker of our own cluster has one thread, and never waits here. Those of another cluster may have
several, and some things belong to the whole process: Keras' names and seeds, which a training
resets at its start, and the standard output, to which t-SNE tells how far it is.
"""

from __future__ import annotations

import threading

PROCESS_LOCK = threading.Lock()
