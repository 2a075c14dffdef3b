"""A process that ends with the one that started it, even when that one was killed and could tell nobody."""

import os
import signal
import threading
import time


def end_with_parent(parent: int, every_seconds: float = 0.5) -> None:
    """Send this process SIGTERM, and soon SIGKILL, once `parent` is no longer its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every_seconds)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
