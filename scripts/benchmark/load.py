"""A closed loop of connections: each sends its next request when it has the answer to its last one.

Run as a process of its own, with a `Load` as JSON on standard input; the answer is a `Served` as JSON on standard output.
It reads only as much of an answer as tells where it ends, so that it takes little of the machine that it measures.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Load:
    """Requests as they go over the wire, sent again and again for so long; `once`: each of them only once."""

    port: int
    connections: int
    seconds: float
    requests: list[str]
    once: bool = False


@dataclass(frozen=True)
class Served:
    """How many answers came and how long they took; `wrong`: first lines of answers that were none of 2xx."""

    answers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    wrong: dict[str, int]


def measure(load: Load) -> Served:
    """Run a load in another process. Raises RuntimeError where it could not be run."""
    command = [sys.executable, str(Path(__file__).resolve())]
    done = subprocess.run(command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the load broke: {done.stderr.strip()[-500:]}")
    return Served(**json.loads(done.stdout))


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.got = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bytes | None:
        """The first line of the answer once all of it is here."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self.got += part
        head, found, body = self.got.partition(b"\r\n\r\n")
        if not found:
            return None
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head.split(b"\r\n", 1)[0] if len(body) >= int(line[15:]) else None
        raise ValueError(f"an answer without its length: {head[:200]!r}")


def run(load: Load) -> Served:
    """Send until the time is over or, `once`, until every request was sent."""
    requests = [request.encode("latin-1") for request in load.requests]
    waiting = selectors.DefaultSelector()
    took: list[float] = []
    wrong: dict[str, int] = {}
    sent = min(load.connections, len(requests)) if load.once else load.connections
    for n in range(sent):
        connection = _Connection(load.port)
        waiting.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(requests[n % len(requests)])
    open_requests, began = sent, time.perf_counter()
    deadline = began + load.seconds
    while open_requests:
        for key, _events in waiting.select():
            first_line = key.data.answered()
            if first_line is None:
                continue
            now = time.perf_counter()
            took.append(now - key.data.sent_at)
            open_requests -= 1
            if not first_line.split(b" ")[1].startswith(b"2"):
                wrong[first_line.decode("latin-1")] = wrong.get(first_line.decode("latin-1"), 0) + 1
            if now < deadline and not (load.once and sent >= len(requests)):
                key.data.send(requests[sent % len(requests)])
                sent, open_requests = sent + 1, open_requests + 1
    spent = time.perf_counter() - began
    took.sort()
    at = [took[min(len(took) - 1, len(took) * share // 100)] * 1000 for share in (50, 95)]
    return Served(len(took), len(took) / spent, at[0], at[1], wrong)


if __name__ == "__main__":
    print(json.dumps(asdict(run(Load(**json.load(sys.stdin))))))
