"""`make bench`: how fast, against baselines of the same run. Prints a table and writes `docs/benchmarks.md`.

A benchmark, not a test: a figure that misses its bar is marked, and the status is 0. `--quick` is a smoke run of a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import psycopg
from benchmark.counting import Asked, count
from benchmark.licences import licence_checks
from benchmark.load import Load, Served, measure
from benchmark.people import people_imported
from benchmark.place import THREADS, WORKERS, Place, Serving, a_place, bare, web
from benchmark.renewals import renewals
from benchmark.report import Figure, as_page, as_text, machine
from benchmark.seats import Bulk, seats_given

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
CONNECTIONS = 16
SMALLER = (60, 600)  # subscriptions of the customers that show that the number of statements is constant
ORDERABLE = """
SELECT s.number FROM subscriptions_subscription s JOIN contracts_contract c ON c.id = s.contract_id
JOIN catalogue_product p ON p.id = s.product_id JOIN organisations_organisation o ON o.id = s.organisation_id
WHERE o.number = %s AND c.channel = 'direct' AND c.plan = 'subscription' AND p.self_service AND p.status = 'active'
AND s.renews_on > %s ORDER BY s.id LIMIT 3000
"""
ALIGNABLE = ORDERABLE.replace("ORDER BY", "AND s.term = 'year' AND s.payment_method = 'invoice' ORDER BY").replace("3000", "1000")


@dataclass(frozen=True)
class Size:
    """How much is measured, and for how long."""

    people: int
    subscriptions: int
    seconds: float  # each load
    orders: int
    due: tuple[int, ...]  # renewals of one night, without kills and, the last, with them: the cost is linear


FULL, QUICK = Size(50_000, 100_000, 6, 1_500, (10_000, 100_000)), Size(2_500, 5_000, 1, 100, (1_000,))


@dataclass(frozen=True)
class Visitor:
    """The manager of one customer: in a browser, and as a program."""

    customer: str
    link: str
    cookie: str
    token: str

    def get(self, address: str, port: int, *, api: bool = False) -> str:
        """A GET as it goes over the wire."""
        own = f"Authorization: Bearer {self.token}" if api else f"Cookie: session={self.cookie}"
        return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{own}\r\nAccept-Language: en\r\n\r\n"

    def post(self, address: str, port: int, body: dict[str, Any], key: str = "") -> str:
        """A POST to the API as it goes over the wire."""
        text = json.dumps(body)
        once = f"Idempotency-Key: {key}\r\n" if key else ""
        head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {self.token}\r\n{once}"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}"


def main() -> int:
    """Set the place up, measure, tell. Status 0 unless something did not work at all."""
    parser = argparse.ArgumentParser(description="How fast, against baselines of the same run.")
    parser.add_argument("--quick", action="store_true", help="a smoke run of about a minute; docs/benchmarks.md stays as it is")
    quick = parser.parse_args().quick
    size, began = QUICK if quick else FULL, time.monotonic()
    with a_place() as place:
        postgresql = str(place.ask("SHOW server_version")[0][0]).split()[0]
        groups = _measured(place, size)
    groups["Renewals of one night, with two workers, killed with their database"] = _renewals(size)
    about = [
        f"Measured on {date.today().isoformat()}, {machine(postgresql)}.",  # noqa: DTZ011 - of the measurement, no business day
        f"One customer with {size.subscriptions:,} subscriptions and {size.people:,} people, made up by `comptoir seed`; "
        f"{WORKERS} web processes of {THREADS} threads, {CONNECTIONS} connections over loopback, client and database on the same "
        "cores. 'Alone' is one connection: the time that the server takes for one request. CPU is that of the web processes. "
        "`make bench` measures this again.",
        f"The load average over the last quarter of an hour was {psutil.getloadavg()[2]:.1f}. Whatever else ran on the machine "
        "slowed the product and its baselines alike, so the ratios say more than the figures.",
    ]
    print("\n".join(f"\n{title}\n{as_text(figures)}" for title, figures in groups.items()))
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    if not quick:
        PAGE.write_text(as_page(groups, [line for part in about for line in (part, "")][:-1]))
        print(f"Written to {PAGE.relative_to(PAGE.parent.parent)}.")
    return 0


def _measured(place: Place, size: Size) -> dict[str, list[Figure]]:
    _say(f"seeding {size.subscriptions:,} subscriptions and {size.people:,} people")
    began = time.perf_counter()
    customer = _sown(place, size.people, size.subscriptions, seed=9_000)
    seconds = time.perf_counter() - began
    smaller = [_sown(place, max(1, n // 2), n, seed=9_001 + at) for at, n in enumerate(SMALLER)]
    groups: dict[str, list[Figure]] = {}
    [(organisation,)] = place.ask("SELECT id FROM organisations_organisation WHERE number = %s", customer["number"])
    [(product,)] = place.ask("SELECT min(id) FROM catalogue_product")
    with bare(place, customer=organisation, product=product) as server:
        groups["Baselines"], bars = _baselines(place, server.port, size, product)
    with web(place) as server:
        _say(f"web was ready after {server.start_seconds:.1f} s")
        visitor = _visitor(place, server.port, customer)
        # counted before the orders: what one subscription has been through is asked for as well
        visitors = [visitor, *(_visitor(place, server.port, each) for each in smaller)]
        counted = [count(_asked(place, each), place.app_url) for each in visitors]
        before_night = _before_the_night(place, visitor, server.port, size)
        place.after_the_night()
        groups["Pages"] = _pages(place, visitor, server, size, bars) + before_night
        groups["API"] = _operations(place, visitor, server, size, bars)
        memory = server.memory_mb()
        groups["Processes and bulk"] = [
            Figure("memory of a web process, after the load", memory, "MB", at_most=200),
            Figure("start of web, to its first answer", server.start_seconds, "s", at_most=3),
            Figure(f"seed of {size.subscriptions:,} subscriptions", seconds, "s", at_most=120),
        ]
    groups["SQL statements of one request"] = _constant(counted, [size.subscriptions, *SMALLER])
    return groups


def _renewals(size: Size) -> list[Figure]:
    found = []
    for due in size.due:
        _say(f"renewing {due:,} subscriptions")
        found += renewals(due, killed=due == size.due[-1])
    return found


def _sown(place: Place, people: int, subscriptions: int, *, seed: int) -> dict[str, Any]:
    many = ("--customers", "1", "--people", str(people), "--subscriptions", str(subscriptions), "--seed", str(seed))
    found: dict[str, Any] = place.comptoir("seed", *many, "--json")["customers"][0]
    return found


def _visitor(place: Place, port: int, customer: dict[str, Any]) -> Visitor:
    address = f"http://127.0.0.1:{port}/sandbox/" + customer["link"].partition("/sandbox/")[2]
    opener = urllib.request.build_opener(_Stay())
    with opener.open(address) as answer:
        cookies = [value.partition(";")[0] for name, value in answer.headers.items() if name.lower() == "set-cookie"]
    cookie = next(text.partition("=")[2] for text in cookies if text.startswith("session="))
    told = ("--customer", customer["number"], "--email", customer["manager"], "--name", "bench", "--json")
    return Visitor(customer["number"], customer["link"], cookie, place.comptoir("token", "create", *told)["token"])


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: its answer has the cookie."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


def _addresses(place: Place, customer: str) -> tuple[dict[str, str], dict[str, str]]:
    [(number,)] = place.ask(
        "SELECT min(s.number) FROM subscriptions_subscription s JOIN organisations_organisation o ON o.id = s.organisation_id "
        "WHERE o.number = %s",
        customer,
    )
    page, api = f"/c/{customer}/", f"/api/v1/customers/{customer}/"
    pages = {
        "contract list": f"{page}contracts/",
        "subscription list": f"{page}subscriptions/",
        "one subscription": f"{page}subscriptions/{number}/",
        "people list": f"{page}people/",
        "home": page,
        "products": f"{page}products/",
        "coming charges": f"{page}charges/",
        "search for a name": f"{page}search/?q=mar",
        "search for a number": f"{page}search/?q={number[:6]}",
    }
    operations = {
        "contracts, 10 rows, JSON": f"{api}contracts?limit=10",
        "subscriptions, 10 rows, JSON": f"{api}subscriptions?limit=10",
        "one subscription, JSON": f"{api}subscriptions/{number}",
        "people, 10 rows, JSON": f"{api}people?limit=10",
    }
    return pages, operations


def _asked(place: Place, visitor: Visitor) -> Asked:
    pages, operations = _addresses(place, visitor.customer)
    return Asked(visitor.cookie, visitor.token, pages, operations)


def _baselines(place: Place, port: int, size: Size, product: int) -> tuple[list[Figure], dict[str, float]]:
    _say("baselines")
    with psycopg.connect(place.app_url, autocommit=True) as connection:
        until, queries = time.perf_counter() + min(2.0, size.seconds), 0
        while time.perf_counter() < until:
            connection.execute("SELECT id, code, name FROM catalogue_product WHERE id = %s", [product]).fetchone()
            queries += 1
    found = {"bare query": queries / min(2.0, size.seconds)}
    figures = [Figure("bare psycopg query, one connection", found["bare query"], "/s")]
    for name, path in (("no framework", "/raw"), ("bare Django", "/one"), ("bare 50 rows", "/rows")):
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        served = _load(Load(port, CONNECTIONS, size.seconds, [request]), name)
        found[name] = served.per_second
        figures.append(Figure(f"{name}, one query, over HTTP", served.per_second, "/s", note=f"p95 {served.p95_ms:.0f} ms"))
    return figures, found


def _pages(place: Place, visitor: Visitor, server: Serving, size: Size, bars: dict[str, float]) -> list[Figure]:
    figures, port = [], server.port
    requests = {name: visitor.get(address, port) for name, address in _addresses(place, visitor.customer)[0].items()}
    requests["sign-in page"] = f"GET /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    for name, request in requests.items():
        alone = _load(Load(port, 1, size.seconds / 2, [request]), name)
        before = server.cpu_seconds()
        together = _load(Load(port, CONNECTIONS, size.seconds, [request]), name)
        cpu = _cpu(server, before, together)
        least = 110 if name.endswith("list") else None
        note = f"p50 {together.p50_ms:.0f}, p95 {together.p95_ms:.0f} ms with {CONNECTIONS} connections; {cpu}"
        figures += [
            Figure(f"{name}: p95 alone", alone.p95_ms, "ms", at_most=100, note=f"p50 {alone.p50_ms:.0f} ms"),
            Figure(name, together.per_second, "/s", bars["bare 50 rows"], "bare 50 rows", least, note=note),
        ]
    return figures


def _before_the_night(place: Place, visitor: Visitor, port: int, size: Size) -> list[Figure]:
    """The lists that must ask which renewals are only late because the night's work has not come to them."""
    addresses, figures = _addresses(place, visitor.customer)[0], []
    for name in ("contract list", "subscription list"):
        alone = _load(Load(port, 1, size.seconds / 2, [visitor.get(addresses[name], port)]), name)
        note = f"p50 {alone.p50_ms:.0f} ms; all other figures are of the day after it"
        figures.append(Figure(f"{name}, before the night's work: p95 alone", alone.p95_ms, "ms", at_most=100, note=note))
    return figures


def _operations(place: Place, visitor: Visitor, server: Serving, size: Size, bars: dict[str, float]) -> list[Figure]:
    figures, port = [], server.port
    least = {"subscriptions, 10 rows, JSON": 300}
    for name, address in _addresses(place, visitor.customer)[1].items():
        before = server.cpu_seconds()
        served = _load(Load(port, CONNECTIONS, size.seconds, [visitor.get(address, port, api=True)]), name)
        note = f"p50 {served.p50_ms:.0f}, p95 {served.p95_ms:.0f} ms; {_cpu(server, before, served)}"
        figures.append(Figure(name, served.per_second, "/s", bars["bare Django"], "bare Django", least.get(name), note=note))
    found = place.ask(ORDERABLE, visitor.customer, date.today().isoformat())  # noqa: DTZ011 - the sandbox's day is today's
    base = f"/api/v1/customers/{visitor.customer}/subscriptions/"
    previews = [visitor.post(f"{base}{number}/seats/preview", port, {"add": 3}) for (number,) in found]
    alone = _load(Load(port, 1, size.seconds / 2, previews), "add-seats preview")
    figures.append(Figure("preview of added seats: p95 alone", alone.p95_ms, "ms", at_most=50, note=f"p50 {alone.p50_ms:.0f} ms"))
    figures.append(_planner(place, visitor, port, size))
    figures.append(_after_a_change(visitor, port, [number for (number,) in found[size.orders :]]))
    orders = [
        visitor.post(f"{base}{number}/seats", port, {"add": 1}, key=f"bench-{number}") for (number,) in found[: size.orders]
    ]
    before = server.cpu_seconds()
    served = _load(Load(port, CONNECTIONS, 4 * size.seconds, orders, once=True), "add seats")
    note = f"each an order and an invoice; p50 {served.p50_ms:.0f}, p95 {served.p95_ms:.0f} ms; {_cpu(server, before, served)}"
    figures.append(Figure("seats added", served.per_second, "/s", bars["bare Django"], "bare Django", note=note))
    day = date.today().isoformat()  # noqa: DTZ011 - the sandbox's day is today's
    bulk = Bulk(day, CONNECTIONS, 2 * size.seconds, bars["bare Django"])
    checks = licence_checks(place, visitor, server, day, bars["bare Django"], size.seconds, _load)
    imported = people_imported(visitor, port, _load)
    return figures + checks + imported + seats_given(place, visitor, port, bulk, _load)


def _planner(place: Place, visitor: Visitor, port: int, size: Size) -> Figure:
    """Every date that as many subscriptions as one may pick can be aligned to, and what each would cost."""
    found = place.ask(ALIGNABLE, visitor.customer, date.today().isoformat())  # noqa: DTZ011 - the sandbox's day is today's
    body = {"subscriptions": [number for (number,) in found]}
    request = visitor.post(f"/api/v1/customers/{visitor.customer}/alignment/preview", port, body)
    alone = _load(Load(port, 1, size.seconds / 2, [request]), "alignment preview")
    name = f"planner of {len(found):,} subscriptions to align: p95 alone"
    return Figure(name, alone.p95_ms, "ms", at_most=300, note=f"p50 {alone.p50_ms:.0f} ms")


def _cpu(server: Serving, before: float, served: Served) -> str:
    return f"{(server.cpu_seconds() - before) / served.answers * 1000:.1f} ms of CPU each"


def _after_a_change(visitor: Visitor, port: int, numbers: list[str]) -> Figure:
    """The contract list whose figures are no longer known, since a seat was added just before."""
    page = visitor.get(f"/c/{visitor.customer}/contracts/", port)
    took = []
    for number in numbers[:40]:
        address = f"/api/v1/customers/{visitor.customer}/subscriptions/{number}/seats"
        _load(Load(port, 1, 1, [visitor.post(address, port, {"add": 1}, key=f"change-{number}")], once=True), "a seat added")
        took.append(_load(Load(port, 1, 1, [page], once=True), "contract list").p50_ms)
    took.sort()
    note = f"p50 {took[len(took) // 2]:.0f} ms; its figures are added up anew from what is kept of each day"
    return Figure("contract list after a change: p95 alone", took[len(took) * 95 // 100], "ms", at_most=100, note=note)


def _constant(counted: list[dict[str, int]], sizes: list[int]) -> list[Figure]:
    figures = []
    for name, statements in counted[0].items():
        others = [each[name] for each in counted[1:]]
        said = ", ".join(f"{n} at {size:,} subscriptions" for n, size in zip(others, sizes[1:], strict=True))
        figures.append(Figure(f"{name}, at {sizes[0]:,} subscriptions", statements, "", at_most=max(others) + 1, note=said))
    return figures


def _load(load: Load, name: str) -> Served:
    if not load.once or load.connections > 1:
        _say(f"{name}, {load.connections} connections")
    served = measure(load)
    if served.wrong:
        raise SystemExit(f"{name}: not every answer was right: {served.wrong}")
    return served


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
