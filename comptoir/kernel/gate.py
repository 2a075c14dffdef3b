"""The gate: every page passes it. It opens the transaction and the wall, finds the actor, and renders inside.

`@page(Can.X)` guards a page of one customer (`/c/<number>/...`), `@own_page(Can.X)` a page of the signed-in person,
`@desk_page(Can.X)` one of the vendor's staff. `@customers_page(Can.X)` looks over all customers that the person belongs to.
A stranger gets 404, never 403.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any, Unpack, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ObjectDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from comptoir.permissions import Permission, Role

from .actor import Actor, ActorKind, Grant
from .clock import business_day
from .failpoints import failpoint
from .ports import Customer, CustomerName, Ports, Visit
from .walls import Opening, wall_of_request

View = Callable[..., HttpResponse]
LONGEST_KEY = 255


class GateRequest(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor
    customer: Customer
    customers: tuple[CustomerName, ...]  # on a customer's page: all that the person belongs to
    visits: tuple[Visit, ...]  # on a page over all of them: the person inside each
    today: date

    @property
    def language(self) -> str:
        """The language that the answer is written in."""
        return translation.get_language() or "en"


def page(can: Permission) -> Callable[[View], View]:
    """A page of one customer: for its members who may, on at least one of its contracts; for nobody else."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, customer: str, **parts: Any) -> HttpResponse:
            with transaction.atomic():
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                person_id = int(request.user.pk)
                refuse_unprintable(customer, *parts.values())
                with wall_of_request(person=person_id):
                    visit = Ports.grants.visit(person_id, customer)
                if visit is None or not enters(visit.actor, can):
                    raise Http404
                passed = cast(GateRequest, request)
                passed.actor = _here(visit.actor, request)
                passed.customer, passed.customers = visit.customer, visit.customers
                pk = visit.customer.id
                return _answer(passed, view, parts, read=[pk], write=pk, person=visit.actor.person_id)

        return _marked(run, can)

    return decorate


def own_page(can: Permission) -> Callable[[View], View]:
    """A page of the signed-in person about themselves, whatever customers they belong to."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **parts: Any) -> HttpResponse:
            with transaction.atomic():
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                passed = cast(GateRequest, request)
                passed.actor = _here(themselves(int(request.user.pk)), request)
                return _answer(passed, view, parts, person=passed.actor.person_id)

        return _marked(run, can)

    return decorate


def customers_page(can: Permission) -> Callable[[View], View]:
    """A page over all customers that the signed-in person belongs to and may do this in: it reads each, and writes for none."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **parts: Any) -> HttpResponse:
            with transaction.atomic():
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                person_id = int(request.user.pk)
                with wall_of_request(person=person_id):
                    visits = tuple(visit for visit in Ports.grants.visits(person_id) if enters(visit.actor, can))
                if not visits:
                    raise Http404
                passed = cast(GateRequest, request)
                passed.actor, passed.visits = _here(themselves(person_id), request), visits
                passed.customers = tuple(CustomerName(visit.customer.number, visit.customer.name) for visit in visits)
                return _answer(passed, view, parts, read=[visit.customer.id for visit in visits], person=person_id)

        return _marked(run, can)

    return decorate


def desk_page(can: Permission) -> Callable[[View], View]:
    """A page of the desk, for the vendor's staff whose role may; 404 for everybody else.

    With `<customer>` in its address it stands inside that one customer, as a customer's page does. Without, it reads what the
    roles reach over all customers, writes for none, and may write the house's own log.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, customer: str | None = None, **parts: Any) -> HttpResponse:
            with transaction.atomic():
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                person_id = int(request.user.pk)
                refuse_unprintable(customer, *parts.values())
                with wall_of_request(person=person_id, desk=True):
                    actor = Actor.staff(person_id, Ports.staff.roles(person_id))
                    if not enters(actor, can):
                        raise Http404
                    found = None if customer is None else Ports.staff.customer(customer)
                if customer is not None and found is None:
                    raise Http404
                passed = cast(GateRequest, request)
                passed.actor = _here(replace(actor, organisation_id=found.id if found else None), request)
                if found is not None:
                    passed.customer = found
                    return _answer(passed, view, parts, read=[found.id], write=found.id, person=person_id)
                return _answer(passed, view, parts, person=person_id, desk=True, house=True)

        return _marked(run, can)

    return decorate


def house_page(can: Permission) -> Callable[[View], View]:
    """A page of the signed-in person about the house itself, such as a sandbox's clock: it sees no customer's row."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **parts: Any) -> HttpResponse:
            with transaction.atomic():
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                person_id = int(request.user.pk)
                passed = cast(GateRequest, request)
                # not as a person about themselves: what they do concerns everybody, and stands in the house's log
                somebody = Actor(ActorKind.PERSON, id=person_id, grants=(Grant(Role.PERSON),))
                passed.actor = _here(somebody, request)
                return _answer(passed, view, parts, person=person_id, house=True)

        return _marked(run, can)

    return decorate


def public_page(view: View) -> View:
    """A page for everybody, signed in or not. It sees no customer's row, but to whom it belongs the names of their own."""

    @wraps(view)
    def run(request: HttpRequest, **parts: Any) -> HttpResponse:
        with transaction.atomic():
            user = getattr(request, "user", None)
            if user is None or not user.is_authenticated:
                return view(request, **parts)
            with wall_of_request(person=int(user.pk)):
                return view(request, **parts)

    return _marked(run, None)


def themselves(person_id: int) -> Actor:
    """A signed-in person acting on their own account, inside no customer."""
    return Actor(ActorKind.PERSON, id=person_id, person_id=person_id, grants=(Grant(Role.PERSON),))


def new_request_key() -> str:
    """A key that a form carries so that sending it twice does the thing once."""
    return secrets.token_urlsafe(16)


def our_page(address: str) -> str:
    """The address of a page of ours, as a form or a link says where to go back to; empty for everything else."""
    ours = address.startswith("/") and address.isprintable() and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else ""


def _takes(*methods: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, *args, **parts)

        run.methods = methods  # type: ignore[attr-defined]
        return run

    return decorate


gets = _takes("GET", "HEAD")
posts = _takes("POST")
gets_and_posts = _takes("GET", "HEAD", "POST")


def _here(actor: Actor, request: HttpRequest) -> Actor:
    return replace(actor, request_key=_request_key(request), stepped_up_at=Ports.sign_ins.proved_at(request))


def _request_key(request: HttpRequest) -> str | None:
    key = request.POST.get("request_key") or None
    if key is not None and (len(key) > LONGEST_KEY or not key.isprintable()):
        raise BadRequest("this request key is none of ours")
    return key


def refuse_unprintable(*parts: object) -> None:
    """Raise Http404 for a part of an address that can name no row; the database takes no zero byte."""
    if not all(part.isprintable() for part in parts if isinstance(part, str)):
        raise Http404


def enters(actor: Actor, can: Permission) -> bool:
    """Whether somebody may come in: who may on at least one thing, and who may only ask, so that they see what to ask for."""
    if actor.scopes is not None and can.scope not in actor.scopes:
        return False
    return actor.may(can, anywhere=True) or any(can.reach_of[grant.role] in {"a", "p"} for grant in actor.grants)


def _answer(request: GateRequest, view: View, parts: dict[str, Any], **opening: Unpack[Opening]) -> HttpResponse:
    request.today = business_day()
    with wall_of_request(**opening):
        try:
            response = view(request, **parts)
        except ObjectDoesNotExist:
            raise Http404 from None
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response.render()
    failpoint("gate.before_commit")
    transaction.on_commit(lambda: failpoint("gate.after_commit"))
    return response


def _marked(run: Any, can: Permission | None) -> View:
    run.permission = can
    run.gate = True
    return cast(View, run)
