"""`make deep`: every test at full depth, on every PostgreSQL version that this machine has."""

import os
import subprocess
import sys

from comptoir.environment import home
from comptoir.kernel.local_postgres.binaries import every_server


def main() -> int:
    """Run pytest once for each version; the status is that of the worst run."""
    worst = 0
    for binaries in every_server():
        print(f"\n== PostgreSQL {binaries.major} ({binaries.directory}) ==", flush=True)
        environment = {**os.environ, "COMPTOIR_DEEP": "1", "COMPTOIR_PG_BIN": str(binaries.directory)}
        environment["COMPTOIR_TEST_HOME"] = str(home() / f"test-{binaries.major}")
        worst = max(
            worst, subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment, check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
