"""The only code of ours that writes applications and ends sign-ins; tokens are made by the library."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from comptoir.catalogue.models import Product
from comptoir.events import Events
from comptoir.identity.models import Person
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.models import House
from comptoir.kernel.recording import record, running
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Can

from .models import AccessToken, Application, DeviceGrant, Grant, RefreshToken, Subject
from .queries import application as application_by_id
from .queries import has_tokens
from .rules import MOST_ADDRESSES, wrong_address

LONGEST_NAME = 100


@action(Can.KEEP_APPLICATIONS, step_up=True)
def register_application(
    actor: Actor,
    house: House,
    *,
    product: str,
    name: str,
    addresses: Sequence[str],
    farewells: Sequence[str],
    public: bool,
    device_flow: bool,
    trusted: bool,
    secret: str,
    on: date,
    client_id: str = "",
) -> Application:
    """Let a product sign people in. `secret` is the hash of the secret, which never comes here; `farewells` are addresses
    to send people to once they have signed out.

    Raises Refused `product_unknown`, `application_name_missing` and what `change_application` refuses.
    """
    sold = Product.objects.filter(code=product).first()
    if sold is None:
        raise Refused("product_unknown", params={"product": product[:40], "code": product[:40]}, field="product", status=422)
    made = Application(
        product=sold,
        client_type=Application.CLIENT_PUBLIC if public else Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        client_secret=secret,
        **({"client_id": client_id} if client_id else {}),
    )
    _describe(made, name, addresses, farewells, device_flow=device_flow, trusted=trusted)
    made.save()
    record(Events.APPLICATION_REGISTERED, made, on=on, name=made.name, code=sold.code, client_id=made.client_id)
    return made


@action(Can.KEEP_APPLICATIONS, step_up=True)
def change_application(
    actor: Actor,
    application: Application,
    *,
    name: str,
    addresses: Sequence[str],
    farewells: Sequence[str],
    device_flow: bool,
    trusted: bool,
    on: date,
) -> Application:
    """Change what an application is called, where it sends people, and whether they are asked.

    Raises Refused `application_ended`, `application_name_missing`, `application_without_way`, `application_address_wrong`,
    `application_too_many_addresses`, `application_needs_consent`.
    """
    if application.ended_at is not None:
        raise Refused("application_ended")
    _describe(application, name, addresses, farewells, device_flow=device_flow, trusted=trusted)
    application.save()
    record(Events.APPLICATION_CHANGED, application, on=on, name=application.name, addresses=application.redirect_uris)
    return application


@action(Can.KEEP_APPLICATIONS, step_up=True)
def replace_secret(actor: Actor, application: Application, *, secret: str, on: date) -> Application:
    """Give a confidential application a new secret, from its hash; the old one is good for nothing from this moment on.

    Raises Refused `application_ended` and `application_without_secret`.
    """
    if application.ended_at is not None:
        raise Refused("application_ended")
    if application.is_public:
        raise Refused("application_without_secret")
    application.client_secret = secret
    application.save(update_fields=["client_secret", "updated"])
    record(Events.APPLICATION_SECRET_MADE, application, on=on, name=application.name)
    return application


@action(Can.KEEP_APPLICATIONS, step_up=True)
def end_application(actor: Actor, application: Application, *, on: date) -> Application:
    """Let nobody sign in with it any more: all its tokens are gone. Raises Refused `application_ended`."""
    if application.ended_at is not None:
        raise Refused("application_ended")
    application.ended_at = now()
    application.save(update_fields=["ended_at", "updated"])
    count = end_tokens(Q(application=application))
    DeviceGrant.objects.filter(client_id=application.client_id).delete()
    record(Events.APPLICATION_ENDED, application, on=on, name=application.name, count=count)
    return application


@action(Can.SIGN_IN_PRODUCTS)
def let_in(actor: Actor, person: Person, *, application: int, scope: str) -> Application:
    """Somebody agrees that an application signs them in; the library makes its code in the same transaction.

    Raises Refused `application_ended`.
    """
    found = application_by_id(application)
    if found.ended_at is not None:
        raise Refused("application_ended")
    Subject.objects.get_or_create(person=person)
    record(Events.APPLICATION_LET_IN, person, name=found.name, code=found.product.code, scope=scope)
    return found


@action(Can.SIGN_IN_PRODUCTS)
def answer_device(actor: Actor, person: Person, *, device: int, allow: bool) -> Person:
    """Let a device in that shows a code, or send it away. Raises Refused `device_code_unknown` for one that no longer waits."""
    waiting = DeviceGrant.objects.select_for_update().filter(pk=device, status=DeviceGrant.AUTHORIZATION_PENDING).first()
    found = None if waiting is None else Application.objects.filter(client_id=waiting.client_id, ended_at=None).first()
    if waiting is None or found is None or waiting.expires <= now():
        raise Refused("device_code_unknown", field="code", status=422)
    Subject.objects.get_or_create(person=person)
    waiting.user, waiting.proved_at = person, actor.stepped_up_at
    waiting.status = DeviceGrant.AUTHORIZED if allow else DeviceGrant.DENIED
    waiting.save(update_fields=["user", "proved_at", "status"])
    record(Events.DEVICE_ANSWERED, person, name=found.name, answer="yes" if allow else "no")
    return person


@action(Can.SIGN_IN_PRODUCTS)
def end_sign_ins(actor: Actor, person: Person, *, application: int | None = None) -> Person:
    """End what signs in as somebody: one application on all devices, or everything. Its next question is refused."""
    count = _end(person, Q() if application is None else Q(application_id=application))
    record(Events.SIGN_INS_ENDED, person, count=count, application=application)
    return person


class Elsewhere:
    """Fills `identity.Elsewhere`."""

    def end_all(self, person_id: int) -> None:
        """End what signs in as this person; nothing is noted where nothing does, nor inside a verb, which notes what it did."""
        if not has_tokens(person_id):
            return
        with wall_opened(person=person_id):
            person = Person.objects.get(pk=person_id)
            if running.get() is None:
                end_sign_ins(themselves(person_id), person)
            else:
                _end(person)


@step
def _end(person: Person, which: Q | None = None) -> int:
    """Everything of a person's, or what is chosen; a device that was let in and has not come yet, too."""
    count = end_tokens(Q(user_id=person.pk) & (which or Q()))
    DeviceGrant.objects.filter(user=person).delete()
    return count


@step
def end_tokens(which: Q) -> int:
    """Take codes and tokens away, at once; returns how many sign-ins ended. Used refresh tokens stay, to be known again."""
    count: int = RefreshToken.objects.filter(which, revoked=None).update(revoked=now(), access_token=None)
    RefreshToken.objects.filter(which).update(access_token=None)
    AccessToken.objects.filter(which).delete()
    Grant.objects.filter(which).delete()
    return count


def _describe(
    made: Application, name: str, addresses: Sequence[str], farewells: Sequence[str], *, device_flow: bool, trusted: bool
) -> None:
    made.name = " ".join(name.split())[:LONGEST_NAME]
    if not made.name:
        raise Refused("application_name_missing", field="name", status=422)
    for field, told in (("addresses", addresses), ("farewells", farewells)):
        if wrong := wrong_address(told, public=made.is_public):
            code = "application_too_many_addresses" if wrong.reason == "too_many" else "application_address_wrong"
            raise Refused(code, params={"address": wrong.address[:200], "most": MOST_ADDRESSES}, field=field, status=422)
    if not addresses and not device_flow:
        raise Refused("application_without_way", field="addresses", status=422)
    # only an https address of its own assures who it is (RFC 8252, 8.6)
    if trusted and made.is_public:
        raise Refused("application_needs_consent", field="trusted", status=422)
    made.redirect_uris, made.post_logout_redirect_uris = " ".join(addresses), " ".join(farewells)
    made.device_flow, made.skip_authorization = device_flow, trusted
