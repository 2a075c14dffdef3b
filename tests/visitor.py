"""One request in a process of its own, so that a test can kill it: `python -m tests.visitor PERSON_ID PATH FORM_JSON`.

A fourth argument is what the visitor's session holds, such as a basket. Prints the status of the answer, and where it leads.
"""

import json
import sys


def main() -> None:
    """Sign in as the person and post the form."""
    import django

    django.setup()
    from django.test import Client

    from comptoir.identity.adapters import OldOrNewSignIn, signing_in

    person_id, path, form = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    person = OldOrNewSignIn().get_user(person_id)
    assert person is not None
    client = Client(headers={"host": "127.0.0.1"})
    with signing_in():
        client.force_login(person, backend="comptoir.identity.adapters.OldOrNewSignIn")
    if len(sys.argv) > 4:
        session = client.session
        session.update(json.loads(sys.argv[4]))
        session.save()
    answer = client.post(path, form)
    print(json.dumps({"status": answer.status_code, "location": answer.headers.get("Location", "")}))


if __name__ == "__main__":
    main()
