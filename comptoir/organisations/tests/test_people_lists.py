"""Many people at once: looked at first, added then, invited in waves; a result file that no spreadsheet runs."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from time import perf_counter

import pytest
from django.test import Client

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.actions import add_listed_people, add_people, give_role, make_group
from comptoir.organisations.jobs import forget_old_lists, lists_due
from comptoir.organisations.models import Group, GroupMember, Membership, PeopleImport, RoleGrant
from comptoir.organisations.ports import Ports
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

from .stage import acting, told

pytestmark = pytest.mark.django_db
HERE = "/c/5200001/people/lists/"
CSV = "Email;First name;Last name\nnina@nord.example;Nina;Neu\nemil.larsen@example.com;E;L\nbad;=cmd|' /C calc'!A0;X\n"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture(autouse=True)
def nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "grouped", ())


def sent(client: Client, text: str | bytes) -> str:
    """The address of the list that was read of this file."""
    file = BytesIO(text.encode() if isinstance(text, str) else text)
    file.name = "people.csv"
    answer = client.post(HERE, {"file": file})
    assert answer.status_code == 302, words_of(answer)
    return answer["Location"]


def here(cast: Cast) -> set[str]:
    with wall_opened(read=[cast.nord.pk]):
        return set(Membership.objects.filter(left_on=None).values_list("email", flat=True))


def test_nobody_is_added_before_one_says_so_and_then_only_who_can_be(cast: Cast) -> None:
    camille, before = signed_in(cast.camille), here(cast)
    address = sent(camille, CSV)
    words = words_of(camille.get(address))
    assert "1 of 3 can be added. Nobody is added yet." in words
    assert "is here already" in words
    assert "is no e-mail address" in words
    assert here(cast) == before
    camille.post(address, {"c0": "email", "c1": "first_name", "c2": "last_name", "language": "fr"})
    assert here(cast) - before == {"nina@nord.example"}
    words = words_of(camille.get(address))
    assert "1 person was added" in words
    assert "2 rows were left out" in words
    again = camille.post(address, {"c0": "email", "c1": "first_name", "c2": "last_name"})
    assert here(cast) - before == {"nina@nord.example"}
    assert again.status_code == 200


def test_columns_that_nobody_knows_are_named_by_hand(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    address = sent(camille, "Wer,Wohin\nNina Neu,nina@nord.example\n")
    assert "Say which column holds the e-mail address." in words_of(camille.get(address))
    refused = camille.post(address, {"c0": "email", "c1": "email"})
    assert refused.status_code == 422
    assert "Two columns can’t hold the same" in words_of(refused)
    camille.post(address, {"c0": "name", "c1": "email", "language": "en"})
    with wall_opened(read=[cast.nord.pk]):
        assert Membership.objects.get(email="nina@nord.example").sort_name == "neu nina"


def test_the_result_is_a_file_that_no_spreadsheet_runs(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    address = sent(camille, CSV)
    looked = camille.get(f"{address}?download=csv").content.decode()
    assert "3,bad,'=cmd|' /C calc'!A0,X,address_malformed," in looked
    camille.post(address, {"c0": "email", "c1": "first_name", "c2": "last_name", "language": "en"})
    lines = camille.get(f"{address}?download=csv").content.decode().splitlines()
    assert lines[:2] == ["line,email,first_name,last_name,result,detail", "1,nina@nord.example,Nina,Neu,added,"]
    assert lines[3] == "3,bad,'=cmd|' /C calc'!A0,X,address_malformed,"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00" * 50, b"Email\n", "é".encode("utf-16"), b'"' * 99, b"a@b.c\n" * 5001]
)
def test_a_file_that_is_none_is_told_and_never_a_crash(cast: Cast, content: bytes) -> None:
    file = BytesIO(content)
    file.name = "x.csv"
    answer = signed_in(cast.camille).post(HERE, {"file": file})
    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        assert signed_in(cast.camille).get(answer["Location"]).status_code == 200


def test_invitations_go_in_waves_and_each_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    monkeypatch.setattr("comptoir.organisations.jobs.WAVE", 2)
    people = [[f"p{n}@nord.example", f"P{n}", "Neu", "", "", "", ""] for n in range(5)]
    made = add_people(acting(cast.camille), cast.nord, people=people, language="fr", group=None, invite=True, on=TODAY)
    run, _own = JOBS["organisations.invite_wave"]
    seen = []
    for _ in range(5):  # one more than needed: it may run again
        open_wall(read=[cast.nord.pk], write=cast.nord.pk)
        run(Actor.job("organisations.invite_wave", cast.nord.pk), list_id=made.pk, by=cast.camille.pk)
        seen.append(PeopleImport.objects.get(pk=made.pk).invited)
    assert seen == [2, 4, 5, 5, 5]
    mails = Message.objects.filter(once__startswith="invitation:")
    assert mails.count() == 5
    first = mails.first()
    assert first is not None
    assert "Camille Morel" in first.text
    assert "/invitation/" in first.text


def test_roles_and_groups_of_the_list_are_given_by_whoever_may(cast: Cast) -> None:
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    rows = [["a@nord.example", "A", "A", "", "", "payer", "drawing"], ["b@nord.example", "B", "B", "", "", "", ""]]
    told = {"people": rows, "language": "en", "invite": False, "on": TODAY}
    made = add_people(acting(cast.sofia), cast.nord, **told, group=None)  # a coordinator gives no roles
    assert [row[4] for row in made.rows] == ["role_unknown", "added"]
    made = add_people(acting(cast.camille), cast.nord, **told, group=group.pk)
    assert [row[4] for row in made.rows] == ["added", "already_here"]
    assert RoleGrant.objects.get(membership__email="a@nord.example").role == "payer"
    assert GroupMember.objects.get().membership.email == "a@nord.example"


def test_who_looks_after_a_group_adds_many_to_it_and_sees_nobody_elses_list(cast: Cast) -> None:
    group = make_group(acting(cast.camille), cast.nord, name="Own", on=TODAY)
    give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="access_manager", group=group.pk, on=TODAY)
    theirs = sent(signed_in(cast.camille), CSV)
    emil = signed_in(cast.emil)
    assert emil.get(theirs).status_code == 404
    address = sent(emil, "Email\nnina@nord.example\n")
    assert emil.post(address, {"c0": "email"}).status_code == 422  # without a group
    emil.post(address, {"c0": "email", "group": str(group.pk)})
    with wall_opened(read=[cast.nord.pk]):
        assert GroupMember.objects.filter(group=group).count() == 1


def test_5000_rows_are_added_in_less_than_10_seconds(cast: Cast) -> None:
    rows = [[f"person{n:04}@nord.example", f"First{n}", f"Last{n}", "", "", "", ""] for n in range(5_000)]
    actor, started = acting(cast.camille), perf_counter()
    group = Group.objects.create(organisation=cast.nord, name="All", made_on=TODAY)
    made = add_people(actor, cast.nord, people=rows, language="en", group=group.pk, invite=True, on=TODAY)
    assert (made.added, made.to_invite) == (5_000, 5_000)
    assert perf_counter() - started < 10


def test_a_month_later_the_rows_are_erased_and_what_became_of_them_stays(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    done, left = sent(camille, CSV), sent(camille, "Email\nole@nord.example\n")
    camille.post(done, {"c0": "email", "c1": "first_name", "c2": "last_name", "language": "fr"})
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        PeopleImport.objects.filter(state="read").update(read_at=now() - timedelta(days=29))
    ids = [cast.nord.pk, cast.est.pk]
    with wall_opened(read=ids):
        assert lists_due(ids, TODAY + timedelta(days=29)) == set()
        assert lists_due(ids, TODAY + timedelta(days=30)) == {cast.nord.pk}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        PeopleImport.objects.filter(state="read").update(read_at=now() - timedelta(days=31))
        forget_old_lists(Actor.job("night", cast.nord.pk), day=TODAY + timedelta(days=30))
        assert list(PeopleImport.objects.values_list("rows", "heads").order_by("pk")) == [([], []), ([], [])]
        assert told("people.forgotten") == [{"count": 2}]
        assert lists_due(ids, TODAY + timedelta(days=99)) == set(), "once is enough"
    words = words_of(camille.get(done))
    assert "1 person was added on 21 November 2026. 2 rows were left out." in words
    assert "The rows of this list were erased on 21 December 2026" in words
    assert "nina@nord.example" not in words
    assert "Nobody was added." in words_of(camille.get(left))
    assert camille.post(left, {"c0": "email", "language": "en"}).status_code == 200
    assert "ole@nord.example" not in here(cast)
    with pytest.raises(Refused, match="list_erased"):
        add_listed_people(
            acting(cast.camille),
            PeopleImport.objects.get(state="read"),
            fields={"0": "email"},
            language="en",
            group=None,
            invite=True,
            on=TODAY,
        )


def test_a_list_whose_invitations_are_still_written_keeps_its_rows(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    address = sent(camille, CSV)
    camille.post(address, {"c0": "email", "c1": "first_name", "c2": "last_name", "language": "fr", "invite": "on"})
    with wall_opened(read=[cast.nord.pk]):
        assert lists_due([cast.nord.pk], TODAY + timedelta(days=59)) == set()
        assert lists_due([cast.nord.pk], TODAY + timedelta(days=60)) == {cast.nord.pk}, "who left meanwhile is never invited"
