"""One request in a process of its own, so that a test can kill it."""

import json
from collections.abc import Mapping
from subprocess import CompletedProcess

from django.test import Client

from comptoir.identity.adapters import OldOrNewSignIn, signing_in
from tests.forking import forked


def visited(
    person_id: int,
    path: str,
    form: Mapping[str, object],
    url: str,
    failpoint: str = "",
    *,
    session: Mapping[str, object] | None = None,
) -> "CompletedProcess[str]":
    """Post the form as that person on this database, with a fail point armed; the answer, as JSON, on its standard output.

    `session` is what the visitor's session holds, such as a basket.
    """
    return forked(lambda: _post(person_id, path, form, session or {}), url, COMPTOIR_FAILPOINT=failpoint)


def _post(person_id: int, path: str, form: Mapping[str, object], held: Mapping[str, object]) -> None:
    person = OldOrNewSignIn().get_user(person_id)
    assert person is not None
    client = Client(headers={"host": "127.0.0.1"})
    with signing_in():
        client.force_login(person, backend="comptoir.identity.adapters.OldOrNewSignIn")
    if held:
        session = client.session
        session.update(held)
        session.save()
    answer = client.post(path, form)
    print(json.dumps({"status": answer.status_code, "location": answer.headers.get("Location", "")}))
