"""A small server that answers as Stripe does, for the adapter's protocol: it keeps every request, and says what it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    told: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answering:
    """What the server was asked, and what it answers: (method, path) -> (status, body), or None to break the line."""

    url: str
    requests: list[Request] = field(default_factory=list)
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)

    def says(self, method: str, path: str, body: Any, status: int = 200) -> None:
        """The next answers to this request."""
        self.answers[method, path] = (status, body)

    def breaks(self, method: str, path: str) -> None:
        """No answer to this request: the line breaks."""
        self.answers[method, path] = None

    @property
    def last(self) -> Request:
        """The last request."""
        return self.requests[-1]


@contextmanager
def answering() -> Iterator[Answering]:
    """The server, on a port of its own."""
    state = Answering("")

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts, body = urlsplit(self.path), self.rfile.read(length).decode()
            told = dict(parse_qsl(parts.query) + parse_qsl(body))
            state.requests.append(Request(self.command, parts.path, told, {k.lower(): v for k, v in self.headers.items()}))
            answer = state.answers[self.command, parts.path]
            if answer is None:
                self.connection.close()
                return
            payload = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
