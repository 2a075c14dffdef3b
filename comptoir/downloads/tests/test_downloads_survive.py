"""A download whose process is killed: it goes on where it stopped, and is counted as the one that it is."""

import os
import signal
from datetime import date

import pytest
from django.test import Client

from comptoir.downloads.models import Download, Installed, ReleaseFile
from comptoir.downloads.rules.ranges import STEP, reached
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain, seat, signed_in
from tests.forking import forked
from tests.released import CONTENT, file, release

LARGE = CONTENT * (STEP // len(CONTENT) + 60)


def link_to(cast: Cast, content: bytes) -> str:
    seat(cast.subscription, cast.emil)
    made = file(release(cast.sculpt, "2027", date(2026, 3, 24)), content=content)
    return signed_in(cast.emil).get(f"/c/5200001/downloads/SCLT/files/{made.pk}/").headers["Location"]


def sent(cast: Cast) -> tuple[int, bool]:
    with wall_opened(read=[cast.nord.pk]):
        row = Download.objects.get()
        return row.sent, row.finished_at is not None


def killed_after(address: str, least: int, url: str) -> int:
    """Take that many bytes from a process, which dies then. How many came."""

    def take() -> None:
        came = 0
        for piece in Client().get(address):
            came += len(piece)
            if came >= least:
                os.write(1, str(came).encode())
                os.kill(os.getpid(), signal.SIGKILL)

    ended = forked(take, url)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return int(ended.stdout)


@pytest.mark.parametrize(("content", "least"), [(CONTENT, 1), (LARGE, STEP + 300_000)], ids=["small", "large"])
def test_killed_while_it_is_sent_a_download_goes_on_and_is_whole(
    content: bytes, least: int, fresh_database: FreshDatabase
) -> None:
    cast = raise_curtain()
    address = link_to(cast, content)
    came = killed_after(address, least, fresh_database.app_url)
    noted, finished = sent(cast)
    assert (noted <= came, came - noted <= STEP, finished) == (True, True, False)
    start = min(came, len(content) - 1)
    answer = Client().get(address, headers={"range": f"bytes={start}-"})
    assert b"".join(answer) == content[start:]
    assert sent(cast) == (len(content), True)
    assert ReleaseFile.objects.get().downloads == 1
    with wall_opened(read=[cast.nord.pk]):
        assert Installed.objects.count() == 1


def test_only_the_end_of_a_file_is_not_all_of_it(fresh_database: FreshDatabase) -> None:
    cast = raise_curtain()
    address = link_to(cast, CONTENT)
    for part in ("bytes=-10", "bytes=0-0", "bytes=-10"):
        assert Client().get(address, headers={"range": part}).getvalue()
    assert sent(cast) == (1, False)


@pytest.mark.parametrize(
    ("before", "start", "goes_on", "after"),
    [
        (0, 0, False, 10),
        (0, 5, False, 0),
        (0, 5, True, 15),
        (0, STEP + 1, True, 0),
        (7, 9, True, 7),  # an end that was noted, and a gap after it
        (STEP, STEP + 5, True, STEP + 15),
        (STEP, STEP + 5, False, STEP),
        (STEP, 2 * STEP + 1, True, STEP),
    ],
)
def test_what_was_not_noted_is_a_step_at_most(before: int, start: int, goes_on: bool, after: int) -> None:
    assert reached(before, start, 10, goes_on=goes_on) == after
