"""A call of verbs about money, renewals, accounts and the house, for whoever tries all of them: what `tests/verbs.py` has not."""

import base64
from datetime import date, timedelta
from types import SimpleNamespace

from django.db import connection

from comptoir.billing.models import Invoice, MethodSetup, PaymentMethod
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.house import the_house
from comptoir.kernel.models import AskedVerb, House
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Role
from comptoir.subscriptions.models import AlignmentWish, CalendarFeed, Order, Parked, PriceQuote, Sale
from tests.cast import TODAY, staff_member, subscribe
from tests.tried import Call, Stage, called, set_up
from tests.verbs import LINE, NORD, ON, OTHER, _person, _there, _told

WISHES = {"wishes": [["SCLT", "year", 1]]}
CHECKED = "seen on the telephone, called back"
TEXTS = {"en": {"summary": "It draws."}, "fr": {"summary": "Il dessine."}, "platforms": ["windows"]}
BANK = base64.b64encode(b"Date,Amount,Currency,Reference,Payer\n2026-11-21,5.00,EUR,nothing,Nobody\n").decode()

# what they need is brought by a provider, a bank or a night: most are killed in the jobs that call them, at points of their own
NOT_CALLED_HERE = {
    *("billing.send_attempts", "billing.note_outcomes", "billing.send_refund", "billing.note_refund", "billing.pay_out"),
    *("billing.add_method", "billing.note_dispute", "billing.note_return_failed", "billing.finish_archive"),
    *("billing.compare_again", "billing.reopen_invoice", "billing.return_charge"),
    *("identity.note_address",),  # with no key: the mail that it is for comes once
    *("billing.use_credit", "billing.use_credit_for", "billing.give_back_credit"),
    *("subscriptions.settle_paid", "subscriptions.keep_clocks", "subscriptions.renew_due", "subscriptions.finish_run"),
}


def house(_stage: Stage) -> object:
    """The house itself."""
    return the_house()


def signing_in_house(_stage: Stage) -> object:
    """The house, in a transaction that may look for whoever signs in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.signing_in', 'yes', true)")
    return the_house()


def stopped_house(_stage: Stage) -> object:
    """The house, in which nothing is charged at the moment."""
    House.objects.update(charging_stopped_because="Odd prices")
    return the_house()


def set_up_more() -> Stage:
    """The stage of all verbs, and what these need besides."""
    stage = set_up()
    stage.at["fiona"] = staff_member("Fiona", "Lang", Role.FINANCE.value), [Role.FINANCE]
    stage.at["noah"] = staff_member("Noah", "Lang", Role.FINANCE.value), [Role.FINANCE]
    with wall_opened(read=[stage.nord.pk], write=stage.nord.pk):
        own = {"organisation": stage.nord}
        stage.at["feed"] = CalendarFeed.objects.create(**own, membership=stage.camille, digest="f", language="en", made_on=TODAY)
        held = {"parked_on": TODAY, "findings": [], "net_minor": 1, "currency": "EUR"}
        stage.at["parked"] = Parked.objects.create(**own, subscription=stage.other, renews_on=stage.other.renews_on, **held)
        card = {
            "kind": "card",
            "provider": "sandbox",
            "customer_ref": "c",
            "token_ref": "spare",
            "label": "Visa",
            "added_on": TODAY,
        }
        stage.at["spare_card"] = PaymentMethod.objects.create(**own, **card)
    soon = TODAY.replace(year=TODAY.year - 1, month=12)
    stage.at["by_hand"] = subscribe(stage.contract, stage.ask, "560000021", seats=2, start=soon, automatic_renewal=False)
    stage.at["monthly"] = subscribe(stage.contract, stage.sculpt, "560000022", seats=2, start=TODAY, term="month")
    with called(stage, "subscriptions.plan_seats", Call("camille", OTHER, _told(seats=1, **ON)), "") as plan:
        plan()
    look = Call("inside:fiona", LINE, _told(verb="subscriptions.return_part", arguments={}, amount="2.00 EUR", **ON))
    by_card = Call("camille", NORD, lambda s: {**WISHES, "paid_with": s.world.paying["method"], **ON})
    with called(stage, "kernel.ask_colleague", look, "") as ask:
        stage.at["look"] = ask()
    with called(stage, "subscriptions.buy", by_card, "") as buy:
        stage.at["waits_for_money"] = buy()
    with signing_in():
        told = {"email": "newcomer@example.com", "is_active": False, "created_on": date(2020, 1, 1)}
        stage.at["newcomer"] = SimpleNamespace(person_id=Person.objects.create(**told).pk)
    return stage


def _invoice(stage: Stage) -> Invoice:
    """That of the seats which Camille added."""
    order = Order.objects.get(pk=stage.world.order.pk)
    return Invoice.objects.get(pk=order.invoices.get().invoice_id)


def _unpaid(stage: Stage) -> Order:
    """What Camille ordered with a card that has not been charged."""
    return Order.objects.get(pk=stage.waits_for_money.pk)


MORE: dict[str, Call] = {
    "billing.ask_for_archive": Call("camille", NORD, _told(year=TODAY.year)),
    "billing.ask_for_method": Call("camille", NORD, _told(kind="card", **ON)),
    "billing.give_up_setup": Call("job:methods", lambda s: MethodSetup.objects.get(pk=s.world.paying["setup"]), _told(**ON)),
    "billing.import_statement": Call("desk:fiona", house, _told(name="a.csv", content=BANK, **ON)),
    "billing.open_page": Call(
        "job:methods",
        lambda s: MethodSetup.objects.get(pk=s.world.paying["setup"]),
        _told(provider_ref="p", url="https://provider.example/p", **ON),
    ),
    "billing.receive_transfer": Call(
        "inside:fiona", NORD, lambda s: {"line": s.world.paying["line"], "parts": {_invoice(s).number: 100}, **ON}
    ),
    "kernel.decline_look": Call("inside:noah", _there("look")),
    "kernel.resume_charging": Call("desk:fiona", stopped_house),
    "subscriptions.fail_order": Call("job:orders", _unpaid, _told(because="declined", **ON)),
    "billing.leave_lines": Call("desk:fiona", house, lambda s: {"lines": [s.world.paying["line"]], "note": "Not ours", **ON}),
    "billing.pay_invoice": Call("camille", _invoice, lambda s: {"method": s.world.paying["method"], **ON}),
    "billing.remove_method": Call("camille", _there("spare_card"), _told(**ON)),
    "billing.set_tax_rate": Call(
        "desk:ada", house, _told(country="FR", basis_points=2100, valid_from=TODAY + timedelta(days=99), **ON)
    ),
    "billing.settle_finding": Call(
        "desk:fiona", house, lambda s: {"finding": s.world.paying["finding"], "answer": "It was a test", **ON}
    ),
    "billing.note_comparison": Call(
        "house:compare_books", house, _told(provider="sandbox", day=TODAY, charges=0, differences=[], **ON)
    ),
    "catalogue.set_price": Call(
        "desk:karl",
        _there("sculpt"),
        _told(term="year", currency="EUR", new_minor=30000, renewal_minor=None, valid_from=TODAY + timedelta(days=99), **ON),
    ),
    "catalogue.set_product": Call("desk:karl", _there("sculpt"), _told(status="on_sale", self_service=False, **ON)),
    "catalogue.fill_sandbox_catalogue": Call("operator:", house, _told(products={"SCLT": TEXTS}, promotions=[], terms=[])),
    "identity.confirm_language": Call("self:emil", _person("emil"), _told(language="fr")),
    "identity.keep_tour": Call("self:emil", _person("emil"), _told(step=1, ended=False)),
    "identity.merge_accounts": Call("self:jonas", _person("jonas"), lambda s: {"other": s.emma.person_id, **ON}),
    "identity.merge_at_desk": Call(
        "desk:ada", house, lambda s: {"kept": s.jonas.person_id, "closed": s.emma.person_id, "checked": CHECKED, **ON}
    ),
    "identity.upgrade_password": Call("self:emil", _person("emil"), _told(hashed="argon2$new")),
    "identity.confirm_address": Call(
        "self:newcomer", _person("newcomer"), _told(first_name="Nova", last_name="Larsen", language="en", **ON)
    ),
    "identity.forget_unconfirmed": Call(
        "house:forget", signing_in_house, lambda s: {"people": [s.newcomer.person_id], "before": TODAY, **ON}
    ),
    "identity.give_staff_role": Call("desk:ada", house, _told(email="new@vendor.example", name="New One", role="finance", **ON)),
    "identity.end_staff_role": Call("desk:ada", house, _told(email="noah.lang@vendor.example", role="finance", **ON)),
    "kernel.ask": Call("sofia", OTHER, _told(verb="subscriptions.add_seats", arguments={"add": 1}, reason="A new one", **ON)),
    "kernel.decline": Call("camille", lambda s: AskedVerb.objects.get(pk=s.world.asked.pk), _told(answer="No")),
    "kernel.withdraw": Call("sofia", lambda s: AskedVerb.objects.get(pk=s.world.asked.pk)),
    "kernel.ask_colleague": Call(
        "inside:fiona",
        NORD,
        _told(verb="billing.give_back_credit", arguments={"minor": 1}, amount="1.00 EUR", **ON),
    ),
    "kernel.move_clock": Call("operator:", house, _told(to=TODAY + timedelta(days=1))),
    "kernel.stop_charging": Call("desk:fiona", house, _told(reason="Odd prices")),
    "subscriptions.add_seats": Call("camille", LINE, _told(add=1, **ON)),
    "subscriptions.plan_seats": Call("camille", LINE, _told(seats=6, **ON)),
    "subscriptions.plan_term": Call("camille", LINE, _told(term="3years", **ON)),
    "subscriptions.automatic_off": Call("camille", LINE, _told(**ON)),
    "subscriptions.automatic_on": Call("camille", _there("by_hand"), _told(**ON)),
    "subscriptions.withdraw_plan": Call("camille", OTHER, _told(field="seats", **ON)),
    "subscriptions.change_plan": Call("camille", LINE, _told(seats=6, **ON)),
    "subscriptions.plan_many": Call("camille", LINE, lambda s: {"also": [s.other.pk], "automatic": False, **ON}),
    "subscriptions.align": Call("camille", LINE, lambda s: {"also": [s.other.number], **ON}),
    "subscriptions.wish_alignment": Call("camille", OTHER, lambda s: {"also": [s.monthly.number], "term": "year", **ON}),
    "subscriptions.withdraw_wish": Call("camille", lambda s: AlignmentWish.objects.get(pk=s.world.wish), _told(**ON)),
    "subscriptions.wish_is_ready": Call("job:wishes", lambda s: AlignmentWish.objects.get(pk=s.world.wish), _told(**ON)),
    "subscriptions.renew": Call("camille", _there("by_hand"), _told(**ON)),
    "subscriptions.buy": Call("camille", NORD, _told(**WISHES, **ON)),
    "subscriptions.make_price_quote": Call("camille", NORD, _told(**WISHES, **ON)),
    "subscriptions.accept_price_quote": Call("camille", lambda s: PriceQuote.objects.get(pk=s.world.quoted.pk), _told(**ON)),
    "subscriptions.return_sale": Call("camille", lambda s: Sale.objects.filter(organisation=s.nord).first(), _told(**ON)),
    "subscriptions.return_part": Call(
        "inside:fiona", lambda s: Sale.objects.filter(organisation=s.nord).first(), _told(seats=1, **ON)
    ),
    "subscriptions.change_method": Call("camille", LINE, lambda s: {"method": str(s.world.paying["method"]), **ON}),
    "subscriptions.change_methods": Call(
        "camille", LINE, lambda s: {"also": [s.other.pk], "method": str(s.world.paying["method"]), **ON}
    ),
    "subscriptions.make_feed": Call("sofia", _there("sofia"), _told(digest="s" * 64, language="en", **ON)),
    "subscriptions.revoke_feed": Call("camille", _there("feed"), _told(**ON)),
    "subscriptions.release_parked": Call("inside:fiona", _there("parked"), _told(**ON)),
    "subscriptions.discard_parked": Call("inside:fiona", _there("parked"), _told(**ON)),
}
