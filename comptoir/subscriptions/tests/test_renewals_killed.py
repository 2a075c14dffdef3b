"""A night of renewals whose workers and whose PostgreSQL are killed with -9 at random; the provider's books are the oracle.

It takes two minutes, for jobs of dead workers wait for a minute: `make deep` runs it, and `make bench` with 100,000 renewals.
"""

import subprocess
import sys

import pytest

from tests.database import CHECKOUT


@pytest.mark.deep
def test_killed_workers_and_databases_miss_nothing_and_double_nothing() -> None:
    command = [sys.executable, "-m", "scripts.benchmark.renewals", "400"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "databases killed with -9" in done.stdout
