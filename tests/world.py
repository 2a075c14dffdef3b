"""The world in which every address is asked: who is there, what stands in a part of an address, what a call takes.

A new page is asked by itself; what it needs to be asked for is added to the tables below.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client

from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import ask
from comptoir.kernel.clock import business_day
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import (
    AccessToken,
    Membership,
)
from comptoir.permissions import SCOPES, Role
from comptoir.subscriptions.actions.price_quotes import make_price_quote
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, PriceQuote
from tests import standing
from tests.cast import Cast, member, raise_curtain, staff_member

# who asks -> the roles that the cast gives them, each on the whole customer, on one contract or on the group
ROLES: dict[str, list[tuple[Role, str | None]]] = {
    "camille": [(Role.CONTRACT_MANAGER, None)],
    "pierre": [(Role.PAYER, None)],
    "sofia": [(Role.SOFTWARE_COORDINATOR, None)],
    "anton": [(Role.CONTRACT_MANAGER, "second_contract")],
    "rita": [(Role.REPORT_VIEWER, None)],
    "emil": [],
    "greta": [(Role.ACCESS_MANAGER, "group")],  # who looks after the group that Emil is in
}
OUTSIDERS = ("anonymous", "oskar", "gaston")  # nobody, another customer's manager, a former manager
# the vendor's people; they are members of no customer
STAFF = {"fiona": Role.FINANCE, "karl": Role.CATALOGUE, "ada": Role.ADMINISTRATOR, "sam": Role.SUPPORT_AGENT}
ELSEWHERE = {"oskar"}  # belongs to another customer: a page over all of one's customers is theirs too
EVERYBODY = (*ROLES, *OUTSIDERS, *STAFF)


@dataclass
class World:
    """The cast after a day's work: each customer has ordered seats, and Sofia of Atelier Nord has asked for more."""

    cast: Cast
    order: Order
    foreign_order: Order
    asked: AskedVerb
    quoted: PriceQuote
    paying: dict[str, int]
    wish: int
    released: dict[str, int]
    peopled: dict[str, int]
    tokens: dict[str, str]
    sessions: dict[str, str]


# a part of an address, with the segment before it -> what stands there, and the contract and the member that it belongs to
PARTS: dict[str, Any] = {
    "c/{customer}": lambda world: world.cast.nord.number,
    "customers/{customer}": lambda world: world.cast.nord.number,
    "contracts/{number}": lambda world: world.cast.contract.number,
    "subscriptions/{number}": lambda world: world.cast.subscription.number,
    "orders/{number}": lambda world: world.order.number,
    "invoices/{number}": lambda world: invoice_of(world.order),
    "calendar/{token}.ics": lambda _world: "no-address-of-ours",
    "on/{day}": lambda _world: "2026-11-20",
    "invoice-archives/{year}": lambda _world: 2026,
    "{year}/{table}": lambda _world: "invoices",
    "invoice-archives/{pk}": lambda world: world.paying["archive"],
    "return/{invoice}": lambda world: invoice_of(world.order),
    "catalogue/{code}": lambda _world: "SCLT",
    "products/{code}": lambda _world: "SCLT",
    "quotes/{number}": lambda world: world.quoted.number,
    "use-rights/{pk}": lambda world: world.peopled["use_right"],
    "exceptions/{pk}": lambda world: world.peopled["exception"],
    "licence-files/{pk}": lambda world: world.peopled["licence_file"],
    "leases/{pk}": lambda world: world.peopled["lease"],
    "leases/{lease}": lambda _world: "no-lease-of-ours",
    "home-use/{pk}": lambda world: world.peopled["use_right"],
    "activations/{pk}": lambda world: world.peopled["device"],
    "devices/{pk}": lambda world: world.peopled["device"],
    "licence-keys/{pk}": lambda world: world.peopled["licence_key"],
    "serial-numbers/{pk}": lambda world: world.peopled["serial"],
    "bundles/{pk}": lambda world: world.peopled["bundle"],
    "groups/{pk}": lambda world: world.peopled["group"],
    "newcomers/{pk}": lambda world: world.peopled["wish"],
    "role-checks/{item}": lambda _world: "managers",
    "domains/{pk}": lambda world: world.peopled["domain"],
    "lists/{pk}": lambda world: world.peopled["list"],
    "invitation/{ticket}": lambda _world: "no-ticket-of-ours",
    "people/{member}": lambda world: world.cast.rita.pk,
    "prices/{code}": lambda world: world.cast.sculpt.code,
    "requests/{pk}": lambda world: world.asked.pk,
    "payments/{pk}": lambda world: world.paying["attempt"],
    "lines/{pk}": lambda world: world.paying["line"],
    "transfers/{pk}": lambda world: world.paying["line"],
    "findings/{pk}": lambda world: world.paying["finding"],
    "applications/{pk}": lambda world: world.released["application"],
    "products/{pk}": lambda world: world.released["application"],
    "signing-keys/{kid}": lambda _world: "k",
    "staff/{pk}": lambda world: world.paying["staff_role"],
    "payment-methods/{pk}": lambda world: world.paying["method"],
    "new/{pk}": lambda world: world.paying["setup"],
    "wishes/{pk}": lambda world: world.wish,
    "releases/{code}": lambda world: world.cast.sculpt.code,
    "{code}/{pk}": lambda world: world.released["draft"],
    "files/{file}": lambda world: world.released["draft_file"],
    "files/{pk}": lambda world: world.released["file"],
    "downloads/{code}": lambda world: world.cast.sculpt.code,
    "feeds/{code}": lambda world: world.cast.sculpt.code,
    "downloads/{token}": lambda _world: "no-link-of-ours",
    "{token}/{name}": lambda _world: "a.exe",
    "{pk}/{name}": lambda _world: "a.exe",
    "trials/{code}": lambda world: world.cast.sculpt.code,
    "downloads/{pk}": lambda world: world.released["file"],
    "updates/{pk}": lambda world: world.released["out"],
    "assigned-updates/{pk}": lambda world: world.released["assigned"],
    "machines/{token}": lambda _world: "no-address-of-ours",
    "machines/{pk}": lambda world: world.released["address"],
    "appcast/{platform}": lambda _world: "macos",
    "appcast/{platform}.xml": lambda _world: "macos",
    "{platform}/{code}.xml": lambda world: world.cast.sculpt.code,
    "packageManifests/{name}": lambda _world: "AtelierSculpt.SCLT",
    "webhooks/{provider}": lambda _world: "sandbox",
    "provider/{ref}": lambda _world: "no-page-of-ours",
    "charges/{ref}": lambda _world: "no-charge-of-ours",
    "confirmation/{ref}": lambda _world: "no-charge-of-ours",
    "sign-in/{ticket}": lambda _world: "no-ticket-of-ours",
}
EVERYBODYS = {
    "role-checks/{item}",
    "products/{code}",
    "invoice-archives/{year}",
    "{year}/{table}",
}  # what every customer has, and none by a number of its own
# a product, a release, a file: shown or refused by what the customer has
EVERYBODYS |= {"downloads/{code}", "downloads/{pk}", "files/{pk}", "trials/{code}", "updates/{pk}"}
UNDER_THE_CONTRACT = {
    "quotes/{number}",
    "contracts/{number}",
    "subscriptions/{number}",
    "orders/{number}",
    "invoices/{number}",
    "requests/{pk}",
}
UNDER_THE_CONTRACT |= {"bundles/{pk}", "payments/{pk}", "wishes/{pk}", "invoice-archives/{pk}", "invoice-archives/{year}"}
UNDER_THE_CONTRACT |= {"home-use/{pk}", "use-rights/{pk}", "licence-files/{pk}", "leases/{pk}", "devices/{pk}"}
# pages that a role on one contract opens, where only one on the whole customer does something
OF_THE_WHOLE_CUSTOMER = {
    "member_removal",
    "give_role",
    "take_role",
    "ask_for_role",
    "change_billing_details",
    "ask_for_invoice_archive",
    "set_spending_limit",
}
OWNERS = {"machines/{pk}": "camille", "requests/{pk}": "sofia", "people/{member}": "rita"}
OWNERS |= {"home-use/{pk}": "emil", "use-rights/{pk}": "emil", "licence-files/{pk}": "camille", "devices/{pk}": "emil"}
# an operation that writes -> a body that it takes
BODIES: dict[str, Any] = {
    "read_notices": {},
    "licence_file": {},
    "licence_file_for_device": {"member": 2**60, "fingerprint": "0123456789abcdef", "name": "n"},
    "revoke_licence_file": None,
    "take_lease": {"product": "SCLT", "fingerprint": "0123456789abcdef", "name": "n"},
    "keep_lease": None,
    "borrow_lease": {"activation": 1, "days": 1},
    "return_lease": None,
    "end_lease": None,
    "give_home_use": {"member": 1, "country": "FR"},
    "give_previous_version": {"member": 1, "version": "2026"},
    "ask_for_home_use": {"country": "FR"},
    "ask_for_previous_version": {"version": "2026"},
    "end_use_right": None,
    "activate_device": {"product": "SCLT", "fingerprint": "0123456789abcdef", "name": "Desk"},
    "use_device": {},
    "stop_using_device": None,
    "end_activation": None,
    "make_licence_key": {"member": 1},
    "end_licence_key": None,
    "end_device": None,
    "give_serial_number": {"member": 1},
    "make_download_link": None,
    "start_trial": {"product": "SCLT"},
    "assign_update": {},
    "take_back_update": None,
    "note_installed": {},
    "choose_news": {"when": "daily"},
    "make_secret_address": {"name": "n", "purpose": "own"},
    "revoke_secret_address": None,
    "confirm_language": {"language": "fr"},
    "preview_added_seats": {"add": 1},
    "add_seats": {"add": 1},
    "ask_for_seats": {"add": 1},
    "assign_seats": {"members": [1]},
    "choose_benefits": {"people": [{"of": 1, "benefit": "training", "choice": "given"}]},
    "make_bundle": {"name": "All", "subscriptions": ["999"]},
    "preview_bundle_change": {"name": "Drawings", "subscriptions": ["560000001"]},
    "change_bundle": {"name": "Drawings", "subscriptions": ["560000001"]},
    "give_bundle": {"members": [1]},
    "give_bundle_to_group": {"group": 1},
    "end_bundle": None,
    "preview_assignments": {"members": [1]},
    "take_seats_back": {"members": [1]},
    "swap_seat": {"giver": 1, "taker": 2},
    "leave_waiting_list": None,
    "give_seats_to_group": {"group": 1},
    "take_seats_from_group": {"group": 1},
    "ask_for_a_seat": {},
    "approve_request": {},
    "decline_request": {"answer": "no"},
    "withdraw_request": None,
    "preview_return": {"invoice": "F-2026-000001"},
    "return_sale": {"invoice": "F-2026-000001"},
    "ask_for_return": {"sale": 1},
    "pay_an_invoice": {"method": 1},
    "preview_use_of_credit": {},
    "use_credit": {"amount": "1.00"},
    "ask_for_invoice_archive": {"year": 2026},
    "change_billing_details": {"po_number": "PO 1"},
    "preview_plan": {"seats": 6},
    "change_plan": {"seats": 6},
    "preview_renewal": {},
    "renew": {},
    "preview_renewals": {"subscriptions": ["560000001"]},
    "renew_many": {"subscriptions": ["560000001"]},
    "preview_alignment": {"subscriptions": ["560000001", "560000009"]},
    "align": {"subscriptions": ["560000001", "560000009"]},
    "ask_for_alignment": {"subscriptions": ["560000001", "560000009"]},
    "wish_alignment": {"subscriptions": ["560000001", "560000009"], "term": "year"},
    "withdraw_wish": None,
    "change_method": {"method": "invoice"},
    "preview_purchase": {"wishes": [{"product": "SCLT", "term": "year", "seats": 1}]},
    "buy": {"wishes": [{"product": "SCLT", "term": "year", "seats": 1}]},
    "ask_to_buy": {"wishes": [{"product": "SCLT", "term": "year", "seats": 1}]},
    "add_person": {"email": "new@example.com", "first_name": "New"},
    "add_people": {"people": [{"email": "new@example.com"}]},
    "remove_people": {"members": [2**60]},
    "invite_again": None,
    "give_role": {"role": "payer"},
    "take_role": {"role": "report_viewer"},
    "ask_for_role": {"role": "payer"},
    "keep_tour": {"step": 1},
    "check_roles": None,
    "hand_over": {"taker": 2**60},
    "ask_to_hand_over": {"taker": 2**60},
    "make_group": {"name": "Site"},
    "rename_group": {"name": "Site"},
    "end_group": None,
    "join_group": {"members": [2**60]},
    "leave_group": {"members": [1]},
    "set_spending_limit": {"role": "contract_manager", "amount": None},
    "make_price_quote": {"wishes": [{"product": "SCLT", "term": "year", "seats": 1}]},
    "accept_price_quote": {},
}
# what is asked for is named, though it may not be seen otherwise: by the page of an asker, by a refusal that says it is not known
NAMES_WHAT_IS_ASKED_FOR = {
    "use_rights",  # one's own
    "my_devices",  # with one's own serial numbers
    "end_use_right",
    "product_seats",
    "seats_of",
    "sat_then",
    "seat_swapped",
    "seats_given",
    "seats_taken",
    "seats_list",
    "group_given",
    "group_taken",
    "preview_assignments",
    "assign_seats",
    "preview_renewals",
    "renew_many",
    "plan_seats",
    "plan_term",
    "renew",
    "automatic_renewal",
    "align_with",
    "alignment",
    "alignment_to_ask_for",
    "ask_for_alignment",
    "align",
    "preview_alignment",
    "wish_alignment",
    "add_seats",
    "ask_for_seats",
    "return",
    "ask_for_return",
    "preview_added_seats",
}


def made() -> World:
    cast = raise_curtain()
    setattr(cast, "greta", member(cast.nord, "Greta", "Grau"))  # noqa: B010 - a part that the other tests do without
    orders = []
    for manager, subscription in ((cast.camille, cast.subscription), (cast.oskar, cast.foreign_subscription)):
        with wall_opened(read=[manager.organisation_id], write=manager.organisation_id, person=manager.person_id):
            made = add_seats(actor_of(manager), subscription, add=3, on=business_day())
            orders.append(Order.objects.prefetch_related("invoices__invoice").get(pk=made.pk))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.sofia.person_id):
        asked = ask(
            actor_of(cast.sofia),
            cast.subscription,
            verb="subscriptions.add_seats",
            arguments={"add": 2},
            reason="a new colleague",
            on=business_day(),
        )
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        quoted = make_price_quote(actor_of(cast.camille), cast.contract, wishes=[["SCLT", "year", 1]], on=business_day())
    peopled = standing.peopled(cast)
    people = {name: getattr(cast, name) for name in EVERYBODY if name != "anonymous" and name not in STAFF}
    tokens = {name: _token(member) for name, member in people.items()}
    sessions = {name: _signed_in(member.person_id) for name, member in people.items()}
    sessions |= {name: _signed_in(staff_member(name.title(), "Vendor", role.value).pk) for name, role in STAFF.items()}
    ids = standing.paying(cast, orders[0]), standing.wished(cast), standing.released(cast), peopled
    return World(cast, *orders, asked, quoted, *ids, tokens, sessions)


def invoice_of(order: Order) -> str:
    """The number of the invoice that an order was settled with."""
    return str(order.invoices.all()[0].invoice.number)


def actor_of(member: Membership) -> Actor:
    visit = Ports.grants.visit(member.person_id, member.organisation.number)
    assert visit is not None
    return visit.actor


def _signed_in(person_id: int) -> str:
    client = Client()
    with signing_in():
        client.force_login(Person.objects.get(pk=person_id))
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def _token(member: Membership) -> str:
    secret = secrets.token_urlsafe(16)
    with wall_opened(read=[member.organisation_id], write=member.organisation_id):
        AccessToken.objects.create(
            organisation_id=member.organisation_id,
            membership=member,
            name="walls",
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            hint=secret[:4],
            scopes=list(SCOPES),
        )
    return secret
