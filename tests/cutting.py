"""A way to a server that breaks off in the middle of an answer, as often as it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 512  # bytes


class Cutting:
    """What stands between: `cuts` answers still break off after `after` bytes; `passed` counts the connections."""

    def __init__(self, to: tuple[str, int], cuts: int, after: int) -> None:
        self.to, self.cuts, self.after, self.passed = to, cuts, after, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def run(self) -> None:
        """Answer until the door is closed."""
        with suppress(OSError):
            while True:
                client, _address = self._server.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Nobody comes in any more."""
        self._server.close()

    def _pass_on(self, client: socket.socket) -> None:
        self.passed += 1
        with client, socket.create_connection(self.to) as server, suppress(OSError):
            asked = client.recv(65_536).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
            server.sendall(asked)
            sent = 0
            while piece := server.recv(PIECE):
                if self.cuts and sent + len(piece) > self.after:
                    self.cuts -= 1
                    return
                client.sendall(piece)
                sent += len(piece)


@contextmanager
def cutting(url: str, *, cuts: int, after: int) -> Iterator[Cutting]:
    """A way to the server at that address (`http://127.0.0.1:8000`)."""
    host, _colon, port = url.removeprefix("http://").rstrip("/").partition(":")
    way = Cutting((host, int(port)), cuts, after)
    threading.Thread(target=way.run, daemon=True).start()
    yield way
    way.close()
