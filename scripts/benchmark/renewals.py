"""The nightly run, measured while its workers and its database are killed: seconds, and what was missed, doubled or left out.

The provider's own books are the oracle of what was charged. The baseline is a bare COPY of the very rows that the run wrote, into
the same tables with their indexes, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from comptoir.kernel.local_postgres import LocalPostgres
from comptoir.kernel.local_postgres.place import place_of

from .place import COMPTOIR, Place
from .report import Figure, as_text

WORKERS, EACH_CUSTOMER = 2, 100  # subscriptions of a customer
PATIENCE = 900  # seconds
VICTIMS = ("worker", "worker", "database", "worker", "worker", "database", "worker", "worker")
CARDS = """
WITH methods AS (
    INSERT INTO billing_paymentmethod (organisation_id, kind, provider, customer_ref, token_ref, label, state, added_on)
    SELECT id, 'card', 'sandbox', 'cus_' || id, 'pm_' || id, 'Visa •••• 4242', 'active', created_on
    FROM organisations_organisation
    RETURNING organisation_id, customer_ref, token_ref)
INSERT INTO billing_sandboxmethod (token, customer_ref, kind, brand, last4, behaviour, detached)
SELECT token_ref, customer_ref, 'card', 'Visa', '4242', 'good', false FROM methods
"""
MOVE = """
import django; django.setup()
from datetime import timedelta
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.house import move_clock, the_house
move_clock(Actor.operator(), the_house(), to=business_day() + timedelta(days=1))
"""
FACTS = {
    "renewed": "SELECT count(*) FROM subscriptions_subscription WHERE renews_on > %(day)s",
    "missed": "SELECT count(*) FROM subscriptions_subscription WHERE renews_on <= %(day)s",
    "invoices": "SELECT count(*) FROM billing_invoice",
    "invoiced twice": "SELECT count(*) FROM (SELECT 1 FROM billing_invoiceline WHERE kind = 'renewal' "
    "GROUP BY organisation_id, reference, start HAVING count(*) > 1) twice",
    "charges": "SELECT count(*) FROM billing_sandboxcharge WHERE state = 'succeeded'",
    "charged twice": "SELECT count(*) - count(DISTINCT a.invoice_id) FROM billing_sandboxcharge c "
    "JOIN billing_attempt a ON a.reference = c.key WHERE c.state = 'succeeded'",
    "not charged": "SELECT count(*) FROM billing_invoice i JOIN billing_invoicebalance b ON b.invoice_id = i.id "
    "WHERE i.payment_method = 'card' AND b.open_minor > 0",
    "gaps in the numbers": "SELECT coalesce(max(right(number, 6)::int), 0) - count(*) FROM billing_invoice",
}
UNDER_WAY = "SELECT count(*) FROM billing_attempt WHERE state IN ('created', 'sent', 'unknown', 'pending', 'needs_action')"
NIGHTS = "SELECT count(*) FROM kernel_nightrun WHERE finished_at IS NULL"
TABLES = {
    "subscriptions_period": "WHERE kind = 'renewal' AND start = %s",
    "subscriptions_sale": "",
    "billing_invoice": "",
    "billing_invoiceline": "",
    "billing_attempt": "",
    "kernel_event": "WHERE kind IN ('subscription.renewed', 'invoice.issued')",
}


@dataclass
class Killer:
    """Two workers, now and then killed with -9 and started again; the database too."""

    local: LocalPostgres
    place: Place
    victims: list[str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VICTIMS, 0))
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """The workers, and whoever kills."""
        self.workers = [self._worker() for _ in range(WORKERS)]
        self.local.keep_alive(0.2)
        threading.Thread(target=self._kill_at_random, daemon=True).start()

    def stop(self) -> None:
        """No more killing; the workers end."""
        self.over.set()
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(60)

    def _worker(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "DATABASE_URL": self.place.app_url}
        environment.pop("DATABASE_OWNER_URL", None)
        return subprocess.Popen([*COMPTOIR, "work"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _kill_at_random(self) -> None:
        chance = random.Random(20)
        for what in self.victims:
            if self.over.wait(chance.uniform(2, 7)):
                return
            if what == "worker":
                nth = chance.randrange(WORKERS)
                self.workers[nth].kill()
                self.workers[nth].wait()
                self.workers[nth] = self._worker()
            else:
                pid = int((place_of(self.local.home).data / "postmaster.pid").read_text().splitlines()[0])
                os.kill(pid, signal.SIGKILL)
            self.killed[what] += 1


def renewals(count: int, *, killed: bool = True) -> list[Figure]:
    """Renew so many subscriptions that are due on one day, with kills or without; every figure of it."""
    with _a_killable_place() as (local, place):
        many = ("--customers", str(max(1, count // EACH_CUSTOMER)), "--people", str(max(1, count // EACH_CUSTOMER) * 2))
        place.comptoir("seed", *many, "--subscriptions", str(count), "--seed", "20", "--due-in", "1", "--json")
        with psycopg.connect(place.owner_url) as owner:
            owner.execute(CARDS.encode())
            [(day,)] = owner.execute("SELECT min(renews_on) FROM subscriptions_subscription").fetchall()
            owner.execute("ANALYZE billing_paymentmethod, billing_sandboxmethod")  # the seed has analysed the others
        killer = Killer(local, place, list(VICTIMS) if killed else [])
        move = {**os.environ, "DATABASE_URL": place.owner_url, "DJANGO_SETTINGS_MODULE": "comptoir.settings"}
        subprocess.run([sys.executable, "-c", MOVE], env=move, check=True)
        began = time.monotonic()
        killer.start()
        try:
            renewed = _until(place, NIGHTS, began)
            charged = _until(place, UNDER_WAY, began)
        finally:
            killer.stop()
        with psycopg.connect(place.owner_url) as owner:
            facts = {name: owner.execute(sql.encode(), {"day": day}).fetchone()[0] for name, sql in FACTS.items()}  # type: ignore[index]
            waiting = owner.execute(b"SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone()[0]  # type: ignore[index]
            copied = _copied(owner, day)
        return _figures(count, renewed, charged, copied, facts, killer.killed, waiting)


def _figures(
    count: int, renewed: float, charged: float, copied: float, facts: dict[str, int], killed: dict[str, int], waiting: int
) -> list[Figure]:
    kills = (
        f"{killed['worker']} workers and {killed['database']} databases killed with -9" if any(killed.values()) else "no kills"
    )
    about = f"{facts['invoices']:,} invoices, {facts['charges']:,} charges; {kills}; {waiting:,} receipts and others still queued"
    wrong = [
        Figure(f"{count:,} due: {name}", facts[name], "", at_most=1)
        for name in ("missed", "invoiced twice", "charged twice", "not charged", "gaps in the numbers")
    ]
    return [
        Figure(f"{count:,} due: renewed and invoiced", renewed, "s", at_most=300, note=about),
        Figure(f"{count:,} due: charged, too", charged, "s"),
        Figure(f"{count:,} due: subscriptions renewed", count / renewed, "/s", count / copied, "bare COPY of the same rows"),
        *wrong,
    ]


@contextlib.contextmanager
def _a_killable_place() -> Iterator[tuple[LocalPostgres, Place]]:
    """A server of its own, also where the benchmark was given another: it is killed."""
    home = Path(tempfile.mkdtemp(prefix="comptoir-renewals-"))
    home.chmod(0o711)
    before = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "COMPTOIR_HOME")}
    os.environ["COMPTOIR_HOME"] = str(home)
    try:
        with LocalPostgres(home) as local:
            place = Place(local.owner_url(), local.app_url())
            place.comptoir("migrate")
            yield local, place
    finally:
        os.environ.pop("COMPTOIR_HOME")
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _until(place: Place, question: str, began: float) -> float:
    """Seconds until a count is 0, asked past the database's restarts."""
    while time.monotonic() - began < PATIENCE:
        with contextlib.suppress(psycopg.OperationalError):
            if place.ask(question)[0][0] == 0:
                return time.monotonic() - began
        time.sleep(0.25)
    raise SystemExit(f"the renewals were not done within {PATIENCE} s")


def _copied(owner: psycopg.Connection[Any], day: object) -> float:
    """Seconds that a bare COPY of the rows takes, table by table, with the indexes that they have."""
    seconds = 0.0
    for table, which in TABLES.items():
        rows: list[bytes] = []
        with owner.cursor().copy(f"COPY (SELECT * FROM {table} {which.replace('%s', repr(str(day)))}) TO STDOUT".encode()) as out:
            rows.extend(bytes(part) for part in out)
        owner.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES)".encode())
        owner.commit()
        began = time.perf_counter()
        with owner.cursor().copy(f"COPY bare_{table} FROM STDIN".encode()) as into:
            for part in rows:
                into.write(part)
        owner.commit()
        seconds += time.perf_counter() - began
    return seconds


def main() -> int:
    """`python -m scripts.benchmark.renewals COUNT`: the figures of one killed night; status 1 if anything is wrong in them."""
    figures = renewals(int(sys.argv[1]))
    print(as_text(figures))
    return int(any(figure.mark == "FAIL" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
