"""Who has not the benefit of updates or of previous versions is not offered them, and gets none by an address (rules 9)."""

from datetime import date

import pytest

from comptoir.downloads.models import News, Release
from comptoir.downloads.queries.news import to_tell
from comptoir.downloads.queries.releases import refuse_not_installable
from comptoir.downloads.queries.updates import updates
from comptoir.downloads.rules.versions import Version, of_the_newest
from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.tests.test_groups import group
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from comptoir.organisations.models import Membership
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, words_of
from tests.released import file, release

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/downloads/SCLT/"
OUT = {"2026": (2025, 10, "release"), "2027": (2026, 3, "release"), "2026.1": (2026, 4, "update"), "2027.1": (2026, 6, "update")}


@pytest.fixture
def cast() -> Cast:
    """Emil and Rita have a seat; two releases are out, each with an update."""
    made = raise_curtain()
    made.sculpt.previous_versions = 3
    made.sculpt.save()
    for version, (year, month, kind) in OUT.items():
        file(release(made.sculpt, version, date(year, month, 1), kind), f"sculpt-{version}.exe")
    for who in (made.emil, made.rita):
        seat(made.subscription, who)
    return made


def withhold(cast: Cast, whom: Membership, *benefits: str, choice: str = "withheld") -> None:
    rows = [[whom.pk, benefit, choice] for benefit in benefits]
    choose_benefits(actor_of(cast.sofia), cast.nord, people=rows, on=TODAY)


def offered(who: Membership) -> list[str]:
    [product] = call("get", "/api/v1/customers/5200001/downloads", token_of(who)).json()
    return sorted(each["version"] for each in product["releases"])


def refusal(who: Membership, version: str) -> str:
    installer = Release.objects.get(version=version).files.get()
    try:
        refuse_not_installable(actor_of(who), installer, TODAY)
    except Refused as refused:
        return refused.code
    return ""


def test_what_is_no_previous_version_is_the_newest_with_its_updates() -> None:
    told = [Version(version, kind, date(year, month, 1)) for version, (year, month, kind) in OUT.items()]
    assert of_the_newest(told) == {"2027", "2027.1"}
    assert of_the_newest([Version("9.1", "update", TODAY)]) == {"9.1"}


@pytest.mark.parametrize(
    ("benefits", "left"),
    [
        (["updates"], ["2026", "2027"]),
        (["previous_versions"], ["2027", "2027.1"]),
        (["updates", "previous_versions"], ["2027"]),
        (["training"], ["2026", "2026.1", "2027", "2027.1"]),
    ],
)
def test_it_is_not_offered_and_not_handed_out(cast: Cast, benefits: list[str], left: list[str]) -> None:
    withhold(cast, cast.emil, *benefits)
    assert offered(cast.emil) == left
    assert offered(cast.rita) == sorted(OUT)
    assert {version: refusal(cast.emil, version) for version in OUT} == {
        version: "" if version in left else "version_withheld" for version in OUT
    }
    assert sorted(each.release.version for each in updates(actor_of(cast.emil), TODAY)) == left


def test_the_page_says_what_is_withheld_and_who_can_give_it(cast: Cast) -> None:
    withhold(cast, cast.emil, "updates")
    told = words_of(signed_in(cast.emil).get(PAGE))
    assert "Sculpt LT 2027.1 is not for you: the benefit “Updates” is withheld from you. Ask" in told
    assert "Sofia Costa" in told
    assert "is withheld" not in words_of(signed_in(cast.rita).get(PAGE))
    withhold(cast, cast.emil, "updates", choice="default")
    assert "is withheld" not in words_of(signed_in(cast.emil).get(PAGE))


def test_a_group_withholds_it_too_but_from_nobody_who_looks_after_the_product(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.emil, cast.sofia)
    choose_benefits(actor_of(cast.sofia), cast.nord, groups=[[drawing.pk, "updates", "withheld"]], on=TODAY)
    seat(cast.subscription, cast.sofia)
    assert offered(cast.emil) == ["2026", "2027"]
    assert offered(cast.sofia) == sorted(OUT)  # she installs it elsewhere


def test_nobody_is_written_to_of_an_update_that_they_don_t_get(cast: Cast) -> None:
    withhold(cast, cast.emil, "updates")
    for version in ("2027", "2027.1"):
        for who in (cast.emil, cast.rita):
            out = Release.objects.get(version=version)
            News.objects.create(organisation=cast.nord, membership=who, release=out, on=TODAY)
    batch = to_tell(Actor.job("downloads.news", cast.nord.pk), ["at_once"], after=0, most=50, on=TODAY)
    told = {reader.membership.pk: sorted(each.version for each in reader.releases) for reader in batch.readers}
    assert told == {cast.emil.pk: ["2027"], cast.rita.pk: ["2027", "2027.1"]}
    assert len(batch.news) == 4  # dealt with, all of them
