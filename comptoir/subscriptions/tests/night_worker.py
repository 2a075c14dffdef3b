"""One customer's night in a process of its own, so that a test can kill it.

`python -m comptoir.subscriptions.tests.night_worker ORGANISATION DAY`: the renewals, then what they put into the queue.
"""

import sys
from datetime import date


def main() -> None:
    """Run the night, then the charges and all that follows."""
    import django

    django.setup()
    from comptoir.kernel.actor import Actor
    from comptoir.subscriptions.jobs import renewals
    from comptoir.subscriptions.queries import renewals as queries
    from comptoir.subscriptions.tests.nights import run_queue

    queries.BATCH = 4  # so that there are several
    organisation, day = int(sys.argv[1]), date.fromisoformat(sys.argv[2])
    renewals.renew(Actor.job("night", organisation), day=day)
    run_queue("billing", "subscriptions")


if __name__ == "__main__":
    main()
