"""The renewal plan: decided now, done at the renewal (rules 4)."""

from datetime import date

import pytest

from comptoir.billing.models import Invoice
from comptoir.entitlements.models import Assignment
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.money import Money
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.actions import plans
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import PlannedChange, SeatEntry, Subscription
from comptoir.subscriptions.queries.plans import losing_seats, pending_of, preview_planned, terms_compared
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.rules import PlanChange
from tests.cast import TODAY, Cast, make_contract, raise_curtain, seat, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def actor_of(member: Membership) -> Actor:
    with wall_opened(person=member.person_id):
        visit = Ports.grants.visit(member.person_id, member.organisation.number)
    assert visit is not None
    open_wall(read=[visit.customer.id], write=visit.customer.id, person=member.person_id)
    return visit.actor


def of(actor: Actor) -> Subscription:
    return subscription_of(actor, "560000001")


def refused(act: object, **told: object) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(**told)  # type: ignore[operator]
    return refusal.value


def test_fewer_seats_are_planned_as_a_difference_and_nothing_is_charged(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.plan_seats(camille, of(camille), seats=3, on=TODAY)
    row = of(camille)
    assert (row.seats_now, row.seats_at_renewal) == (4, 3)
    planned = PlannedChange.objects.get()
    assert (planned.field, planned.seats, planned.outcome, planned.made_by_id) == ("seats", -1, "pending", cast.camille.pk)
    last = SeatEntry.objects.order_by("seq").last()
    assert last is not None
    assert (last.kind, last.change_now, last.change_at_renewal, last.seats_at_renewal) == ("plan", 0, -1, 3)
    assert not Invoice.objects.exists()
    assert [event.kind for event in Event.objects.all()] == ["renewal.planned"]


def test_4_planned_3_and_2_more_is_6_now_and_5_at_the_renewal(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.plan_seats(camille, of(camille), seats=3, on=TODAY)
    add_seats(camille, of(camille), add=2, on=TODAY)
    assert (of(camille).seats_now, of(camille).seats_at_renewal) == (6, 5)
    assert PlannedChange.objects.get().seats == -1
    plans.withdraw_plan(camille, of(camille), field="seats", on=TODAY)
    assert (of(camille).seats_now, of(camille).seats_at_renewal) == (6, 6)
    assert PlannedChange.objects.get().outcome == "withdrawn"


def test_a_new_plan_replaces_the_old_one_of_its_field_and_no_other(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.plan_term(camille, of(camille), term="3years", on=TODAY)
    plans.plan_seats(camille, of(camille), seats=3, on=TODAY)
    plans.plan_seats(camille, of(camille), seats=2, on=TODAY)
    found = list(PlannedChange.objects.order_by("id").values_list("field", "seats", "term", "outcome"))
    assert found == [("term", None, "3years", "pending"), ("seats", -1, "", "replaced"), ("seats", -2, "", "pending")]
    assert of(camille).seats_at_renewal == 2
    assert [change.field for change in pending_of(of(camille))] == ["seats", "term"]
    plans.withdraw_plan(camille, of(camille), field="term", on=TODAY)
    assert [change.field for change in pending_of(of(camille))] == ["seats"]


def test_the_seeds_example_of_a_change_of_term(cast: Cast) -> None:
    """4 seats: yearly 1,000; 3 years before expiry 2,700; bought new 3,020; 3 years and 3 seats 2,025 (rules 4, P3)."""
    camille = actor_of(cast.camille)
    choices = {choice.term.value: choice for choice in terms_compared(of(camille))}
    assert str(choices["year"].net) == "1000.00"
    three = choices["3years"]
    assert (str(three.net), str(three.bought_new)) == ("2700.00", "3020.00")
    assert (str(three.saved_over_three_years), str(three.saved_per_year)) == ("300.00", "100.00")
    both = preview_planned(camille, of(camille), PlanChange(seats=3, term=three.term), TODAY)
    assert (str(both.plan.net), str(both.totals.tax)) == ("2025.00", "405.00")


def test_raised_seats_pay_the_new_price_in_a_line_of_their_own(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    preview = preview_planned(camille, of(camille), PlanChange(seats=6), TODAY)
    assert [(line.quantity, str(line.unit_price)) for line in preview.plan.lines] == [(4, "250.00"), (2, "280.00")]
    plans.plan_seats(camille, of(camille), seats=6, on=TODAY, quote=preview.quote)
    assert (of(camille).seats_now, of(camille).seats_at_renewal) == (4, 6)


def test_a_moved_quote_plans_nothing(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    quote = preview_planned(camille, of(camille), PlanChange(seats=3), TODAY).quote
    plans.plan_term(camille, of(camille), term="month", on=TODAY)
    assert refused(lambda: plans.plan_seats(camille, of(camille), seats=3, on=TODAY, quote=quote)).code == "quote_moved"
    assert of(camille).seats_at_renewal == 4


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"seats": 0}, "last_seat"),
        ({"seats": -2}, "last_seat"),
        ({"seats": 100_005}, "seats_out_of_range"),
        ({"seats": 4}, "plan_unchanged"),
    ],
)
def test_what_can_t_be_planned_is_refused_and_changes_nothing(cast: Cast, told: dict[str, int], code: str) -> None:
    camille = actor_of(cast.camille)
    assert refused(lambda: plans.plan_seats(camille, of(camille), on=TODAY, **told)).code == code
    assert not PlannedChange.objects.exists()
    assert of(camille).version == 1


def test_a_term_is_planned_only_while_it_renews_by_itself(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.automatic_off(camille, of(camille), on=TODAY)
    assert refused(lambda: plans.plan_term(camille, of(camille), term="3years", on=TODAY)).code == "automatic_renewal_off"
    plans.change_plan(camille, of(camille), automatic=True, term="3years", on=TODAY)
    assert of(camille).automatic_renewal
    assert PlannedChange.objects.get().term == "3years"
    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["renewal.automatic_off", "renewal.automatic_on", "renewal.planned"]


def test_turning_off_is_never_refused_for_who_sold_it_or_what_it_is(cast: Cast) -> None:
    from comptoir.organisations.models import Reseller

    reseller = Reseller.objects.create(number="R-1", name="Grand Plan", email="sales@grandplan.example")
    contract = make_contract(cast.nord, "110000009", channel="reseller", reseller=reseller, plan="maintenance")
    subscribe(contract, cast.sculpt, "560000009", seats=2, start=date(2026, 5, 1))
    Organisation.objects.filter(pk=cast.nord.pk).update(country="XX")
    camille = actor_of(cast.camille)
    row = subscription_of(camille, "560000009")
    plans.automatic_off(camille, row, on=TODAY)
    assert not subscription_of(camille, "560000009").automatic_renewal
    assert refused(lambda: plans.automatic_on(camille, row, on=TODAY)).code == "reseller_purchase"


def test_the_manager_chooses_who_keeps_a_seat_and_is_reminded_until_then(cast: Cast) -> None:
    for n, member in enumerate((cast.pierre, cast.sofia, cast.rita, cast.emil)):
        seat(cast.subscription, member, given_on=date(2026, 5, 1 + n), last_used_on=date(2026, 10, 1 + n))
    camille = actor_of(cast.camille)
    preview = preview_planned(camille, of(camille), PlanChange(seats=2), TODAY)
    assert [one.name for one in preview.plan.losing] == ["Sofia Costa", "Pierre Payet"]  # the others used theirs last
    plans.plan_seats(camille, of(camille), seats=2, on=TODAY)
    warned = losing_seats(camille, of(camille))
    assert warned is not None
    assert "Sofia Costa and Pierre Payet would lose access" in warned.sentence
    wrong = refused(lambda: plans.plan_seats(camille, of(camille), seats=2, keep=[cast.sofia.pk], on=TODAY))
    assert wrong.code == "keep_count"
    stranger = refused(lambda: plans.plan_seats(camille, of(camille), seats=2, keep=[cast.sofia.pk, cast.camille.pk], on=TODAY))
    assert stranger.code == "not_seated"
    plans.plan_seats(camille, of(camille), seats=2, keep=[cast.sofia.pk, cast.pierre.pk], on=TODAY)
    assert losing_seats(camille, of(camille)) is None
    assert set(Assignment.objects.filter(kept=True).values_list("membership_id", flat=True)) == {cast.sofia.pk, cast.pierre.pk}
    plans.withdraw_plan(camille, of(camille), field="seats", on=TODAY)
    assert not Assignment.objects.filter(kept=True).exists()


def test_while_a_period_is_paid_ahead_nothing_is_planned_and_the_day_is_told(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(number="560000001").update(turns_on=date(2027, 4, 10))
    for act in (
        lambda: plans.plan_seats(camille, of(camille), seats=3, on=TODAY),
        lambda: plans.plan_term(camille, of(camille), term="month", on=TODAY),
    ):
        refusal = refused(act)
        assert (refusal.code, refusal.params["on"]) == ("already_renewed", date(2027, 4, 10))
    assert not PlannedChange.objects.exists()


def test_each_verb_twice_with_one_key_is_done_once(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    verbs = (
        lambda key: plans.plan_seats(camille.with_key(key), of(camille), seats=3, on=TODAY),
        lambda key: plans.plan_term(camille.with_key(key), of(camille), term="3years", on=TODAY),
        lambda key: plans.withdraw_plan(camille.with_key(key), of(camille), field="term", on=TODAY),
        lambda key: plans.automatic_off(camille.with_key(key), of(camille), on=TODAY),
        lambda key: plans.automatic_on(camille.with_key(key), of(camille), on=TODAY),
    )
    for n, verb in enumerate(verbs, 1):
        assert verb(f"key {n}").pk == verb(f"key {n}").pk
        assert Event.objects.count() == n


def test_many_at_once_is_all_or_nothing(cast: Cast) -> None:
    other = subscribe(cast.second_contract, cast.sculpt, "560000003", seats=1, start=date(2026, 6, 1))
    late = subscribe(cast.contract, cast.sculpt, "560000004", seats=5, start=date(2025, 11, 10))  # in grace
    camille = actor_of(cast.camille)
    mixed = refused(lambda: plans.plan_many(camille, of(camille), also=[other.pk, late.pk], seats=2, on=TODAY))
    assert mixed.code == "in_grace"
    assert not PlannedChange.objects.exists()
    plans.plan_many(camille.with_key("k"), of(camille), also=[other.pk], seats=2, on=TODAY)
    plans.plan_many(camille.with_key("k"), of(camille), also=[other.pk], seats=2, on=TODAY)
    assert sorted(PlannedChange.objects.values_list("seats", flat=True)) == [-2, 1]
    anton = actor_of(cast.anton)
    mine = subscription_of(anton, "560000003")
    assert refused(lambda: plans.plan_many(anton, mine, also=[cast.subscription.pk], seats=3, on=TODAY)).code == "not_allowed"


def test_who_may_only_ask_plans_nothing(cast: Cast) -> None:
    emil = actor_of(cast.emil)
    assert refused(lambda: plans.plan_seats(emil, of(emil), seats=3, on=TODAY)).code == "not_allowed"
    assert not PlannedChange.objects.exists()


def test_a_term_planned_before_or_after_seats_are_added_comes_to_the_same(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000005", seats=4, start=date(2026, 4, 10))
    camille = actor_of(cast.camille)

    def term(number: str) -> None:
        plans.plan_term(camille, subscription_of(camille, number), term="3years", on=TODAY)

    def seats(number: str) -> Money:
        return add_seats(camille, subscription_of(camille, number), add=2, on=TODAY).net

    term("560000001")
    first = seats("560000001")
    second = seats("560000005")
    term("560000005")
    assert first == second
    previews = [preview_planned(camille, subscription_of(camille, n), PlanChange(), TODAY) for n in ("560000001", "560000005")]
    assert previews[0].plan.lines == previews[1].plan.lines
    assert str(previews[0].plan.net) == "4050.00"  # 6 x 675


@pytest.mark.parametrize("k", [2, 3, 7])
def test_k_orders_of_one_seat_leave_what_one_order_of_k_leaves_to_a_rounding_each(cast: Cast, k: int) -> None:
    subscribe(cast.contract, cast.sculpt, "560000005", seats=4, start=date(2026, 4, 10))
    camille = actor_of(cast.camille)
    plans.plan_seats(camille, of(camille), seats=3, on=TODAY)
    plans.plan_seats(camille, subscription_of(camille, "560000005"), seats=3, on=TODAY)
    one_by_one = [add_seats(camille, of(camille), add=1, on=TODAY).net.minor for _ in range(k)]
    at_once = add_seats(camille, subscription_of(camille, "560000005"), add=k, on=TODAY).net.minor
    left = {(row.seats_now, row.seats_at_renewal) for row in Subscription.objects.filter(number__in=["560000001", "560000005"])}
    assert left == {(4 + k, 3 + k)}
    assert abs(sum(one_by_one) - at_once) <= k  # one rounding a line, not a seat (rules 1)
