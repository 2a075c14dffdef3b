"""Benefits given or withheld per person and group, and the matrix of them (rules 9)."""

import pytest

from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.models import BenefitChoice
from comptoir.entitlements.queries.benefits import has_benefit, standings
from comptoir.entitlements.rules import Benefit, Choice, Source, standing_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.tests.test_api import call
from comptoir.organisations.models import Membership
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, words_of

from .test_groups import group

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/benefits/"


@pytest.fixture
def cast() -> Cast:
    """Emil has a seat, Rita has none."""
    made = raise_curtain()
    seat(made.subscription, made.emil)
    return made


def choose(who: Membership, *people: tuple[int, str, str], groups: tuple[tuple[int, str, str], ...] = ()) -> None:
    actor = actor_of(who)
    choose_benefits(actor, who.organisation, people=people, groups=groups, on=TODAY)


@pytest.mark.parametrize(
    ("own", "groups", "seated", "has", "source"),
    [
        (None, [], True, True, Source.SEAT),
        (None, [], False, False, Source.NONE),
        (Choice(given=False), [Choice(True, "A")], True, False, Source.OWN),
        (Choice(given=True), [], False, True, Source.OWN),
        (None, [Choice(False, "A"), Choice(True, "B")], False, True, Source.GROUP),
        (None, [Choice(False, "A")], True, False, Source.GROUP),
    ],
)
def test_ones_own_choice_counts_before_groups_and_groups_before_the_seat(
    own: Choice | None, groups: list[Choice], seated: bool, has: bool, source: Source
) -> None:
    found = standing_of(Benefit.TRAINING, own, groups, seated=seated)
    assert (found.has, found.source) == (has, source)


def test_phone_support_does_not_come_with_a_seat() -> None:
    assert not standing_of(Benefit.PHONE_SUPPORT, None, [], seated=True).has


def test_many_changes_are_one_action_and_their_history_is_kept(cast: Cast) -> None:
    choose(cast.sofia, (cast.emil.pk, "training", "withheld"), (cast.rita.pk, "updates", "given"))
    actor = actor_of(cast.sofia)
    assert not has_benefit(actor, cast.emil.pk, Benefit.TRAINING, TODAY)
    assert has_benefit(actor, cast.rita.pk, Benefit.UPDATES, TODAY)
    assert has_benefit(actor, cast.emil.pk, Benefit.UPDATES, TODAY)
    assert Event.objects.get(kind="benefits.changed").detail["changes"] == 2
    choose(cast.sofia, (cast.emil.pk, "training", "default"))
    assert has_benefit(actor_of(cast.sofia), cast.emil.pk, Benefit.TRAINING, TODAY)
    assert BenefitChoice.objects.get(membership=cast.emil).ended_on == TODAY
    with pytest.raises(Refused, match="benefits_unchanged"):
        choose(cast.sofia, (cast.rita.pk, "updates", "given"))


def test_a_group_is_given_benefits(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.rita)
    choose(cast.sofia, groups=((drawing.pk, "training", "given"),))
    stand, own = standings(actor_of(cast.sofia), [cast.rita.pk], TODAY)[cast.rita.pk][Benefit.TRAINING]
    assert (stand.has, stand.groups, own) == (True, ("Drawing",), None)


def test_who_phones_is_chosen_by_contract_managers_alone(cast: Cast) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        choose(cast.sofia, (cast.emil.pk, "phone_support", "given"))
    choose(cast.camille, (cast.emil.pk, "phone_support", "given"))
    with pytest.raises(Refused, match="not_allowed"):
        choose(cast.emil, (cast.emil.pk, "training", "withheld"))
    choose(cast.anton, (cast.emil.pk, "training", "withheld"))  # who gives seats under one contract
    with pytest.raises(Refused, match="not_allowed"):
        choose(cast.rita, (cast.emil.pk, "training", "default"))


def test_the_matrix_saves_what_was_ticked_and_unticked(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    assert "Nothing was chosen for anybody yet" in words_of(browser.get(PAGE))
    page = browser.get(PAGE).content.decode()
    assert f'value="{cast.emil.pk}-training" aria-label="Emil Larsen: Training" checked' in page
    assert f'value="{cast.rita.pk}-training" aria-label="Rita Nielsen: Training">' in page
    was = [f"{cast.emil.pk}-training", f"{cast.emil.pk}-updates"]
    answer = browser.post(PAGE, {"was": was, "has": [was[1], f"{cast.rita.pk}-training", "x-y", "9-nothing"]})
    assert answer.status_code == 302
    actor = actor_of(cast.sofia)
    assert not has_benefit(actor, cast.emil.pk, Benefit.TRAINING, TODAY)
    assert has_benefit(actor, cast.rita.pk, Benefit.TRAINING, TODAY)
    assert "Something was chosen for 2 people and 0 groups." in words_of(browser.get(PAGE))
    assert "It is so already" in words_of(browser.post(PAGE, {"was": was[1], "has": was[1]}))


def test_one_persons_page_says_why_and_leaves_to_the_default(cast: Cast) -> None:
    page = f"/c/5200001/people/{cast.emil.pk}/benefits/"
    browser = signed_in(cast.camille)
    assert "Training yes with a seat" in words_of(browser.get(page))
    assert "Emil Larsen has 6 of 7 benefits." in words_of(browser.get(page))
    assert browser.post(page, {"training": "withheld", "phone_support": "given"}).status_code == 302
    told = words_of(browser.get(page))
    assert "Training no chosen for this person" in told
    assert "Phone support yes chosen for this person" in told
    assert "chosen by contract managers" in words_of(signed_in(cast.sofia).get(page))
    assert signed_in(cast.emil).get(PAGE).headers["Location"] == "/c/5200001/products/"


def test_a_matrix_of_groups_saves_what_was_chosen_anew_and_the_groups_page_tells_it(cast: Cast) -> None:
    browser, drawing = signed_in(cast.sofia), group(cast, "Drawing", cast.emil)
    page, at = f"{PAGE}groups/", f"{drawing.pk}-training-"
    assert f'value="{at}default" selected' in browser.get(page).content.decode()
    was = [f"{at}default", f"{drawing.pk}-updates-default"]
    answer = browser.post(page, {"was": was, "choice": [f"{at}withheld", was[1], "x-training-given", "9-nothing-given"]})
    assert answer.status_code == 302
    actor = actor_of(cast.sofia)
    assert not has_benefit(actor, cast.emil.pk, Benefit.TRAINING, TODAY)
    assert has_benefit(actor, cast.emil.pk, Benefit.UPDATES, TODAY)
    assert BenefitChoice.objects.count() == 1
    assert "Something was chosen for 0 people and 1 group." in words_of(browser.get(page))
    assert "Training withheld" in words_of(browser.get(f"/c/5200001/groups/{drawing.pk}/"))
    told = browser.get(PAGE).content.decode()
    assert "<small>Drawing</small>" in told  # whose choice it is, beside the tick
    assert (
        'name="choice" aria-label="Drawing: Phone support"' not in browser.get(page).content.decode()
    )  # managers say who phones
    assert "nothing changes" in words_of(browser.post(page, {"was": [f"{at}withheld"], "choice": [f"{at}withheld"]}))
    assert signed_in(cast.emil).get(page).headers["Location"] == "/c/5200001/products/"


def test_the_api_tells_what_was_chosen_for_a_group(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.rita)
    choose(cast.sofia, groups=((drawing.pk, "training", "given"),))
    at = f"/api/v1/customers/5200001/groups/{drawing.pk}/benefits"
    told = call("get", at, token_of(cast.sofia)).json()
    assert (told["name"], told["people"], told["benefits"]["training"], told["benefits"]["updates"]) == (
        "Drawing",
        1,
        "given",
        "default",
    )
    assert call("get", at, token_of(cast.emil)).status_code in {403, 404}
