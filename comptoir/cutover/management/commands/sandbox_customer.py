"""`comptoir sandbox-customer`, hidden: one customer of the demo is at work, so that its pages have something to show.

Everything is done by the verbs that pages use, each in a transaction of its own, by whoever of the customer may.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from comptoir.catalogue.models import Product
from comptoir.downloads.actions.downloads import begin_download, make_address, note_sent
from comptoir.downloads.actions.releases import draft_release
from comptoir.downloads.actions.trials import start_trial
from comptoir.downloads.actions.updates import assign_update, mark_installed
from comptoir.downloads.models import Release, ReleaseFile
from comptoir.downloads.queries.links import digest_of as digest_of_address
from comptoir.downloads.queries.links import new_secret
from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.actions.bundles import give_bundle, make_bundle
from comptoir.entitlements.actions.exceptions import except_version
from comptoir.entitlements.actions.groups import give_to_group
from comptoir.entitlements.actions.leases import take_lease
from comptoir.entitlements.actions.licences import activate, make_key, take_over
from comptoir.entitlements.actions.offline import issue_file
from comptoir.entitlements.actions.seats import assign, swap
from comptoir.entitlements.actions.serials import give_serial
from comptoir.entitlements.actions.use_rights import give_home_use
from comptoir.entitlements.models import SerialNumber
from comptoir.entitlements.queries.bearers import person_in
from comptoir.entitlements.queries.keys import NewKey, digest_of
from comptoir.entitlements.rules import Beyond
from comptoir.identity.actions import confirm_address, note_address
from comptoir.identity.models import StaffRole
from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import ask
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.gate import themselves
from comptoir.kernel.house import the_house
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.actions.appointing import appoint_manager
from comptoir.organisations.actions.groups import join_group, make_group
from comptoir.organisations.actions.joining import list_domain, note_wish
from comptoir.organisations.actions.people import add_person
from comptoir.organisations.actions.people_lists import add_listed_people, read_people_list
from comptoir.organisations.actions.roles import give_role
from comptoir.organisations.models import Group, Membership, Organisation
from comptoir.permissions import Role
from comptoir.subscriptions.actions.sharing import set_sharing
from comptoir.subscriptions.models import Subscription

NUMBER = "5100000"
MANAGER = "Hugo Fournier"
GROUPS = {
    "Bureau d’études": ("Siobhán Müller", "Léa Fournier", "Aïcha O'Connor", "José Garcia"),
    "Chantier": ("Anaïs Girard", "Olivier Petit", "Anaïs Gonçalves"),
}
LIST = (
    ("Prénom", "Nom", "Adresse e-mail", "Groupe"),
    ("Camille", "Roussel", "camille.roussel@client0.example", "Bureau d’études"),
    ("Jonas", "Keller", "jonas.keller@client0.example", "Chantier"),
    ("Ines", "Marchetti", "ines.marchetti@client0.example", "Bureau d’études"),
    ("Hugo", "Fournier", "hugo.fournier3@client0.example", ""),
    ("Théo", "Blanchard", "theo.blanchard", "Chantier"),
)
COLUMNS = {"0": "first_name", "1": "last_name", "2": "email", "3": "groups"}
CHECKED = "Called back at the number in the commercial register."
Made = TypeVar("Made", bound=models.Model)


class Command(BaseCommand):
    """Let the first customer of the demo be at work; nothing where it is already, or where it is not."""

    help = "Let one customer of the demo be at work: groups, seats, licences, requests, updates (sandbox)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell nothing: what was done stands in the customer's log."""
        if not settings.SANDBOX:
            raise CommandError("a customer at work is for a sandbox; COMPTOIR_MODE=sandbox has it.")
        organisation = Organisation.objects.filter(number=NUMBER).first()
        if organisation is None or Group.objects.filter(organisation=organisation, name__in=GROUPS).exists():
            return
        scene = Scene.of(organisation)
        if scene is not None:
            for part in PARTS:
                part(scene)


@dataclass
class Scene:
    """The customer, its people by name, its subscriptions by their product's code, and the day."""

    organisation: Organisation
    people: dict[str, Membership]
    subscriptions: dict[str, Subscription]
    on: date

    @classmethod
    def of(cls, organisation: Organisation) -> "Scene | None":
        """None: these are not the demo's people."""
        people = {each.name: each for each in Membership.objects.filter(organisation=organisation, left_on=None)}
        rows = Subscription.objects.filter(organisation=organisation).select_related("product", "organisation")
        wanted = {MANAGER, *(name for names in GROUPS.values() for name in names)}
        found = cls(organisation, people, {each.product.code: each for each in rows}, business_day())
        return found if wanted <= people.keys() and StaffRole.objects.exists() else None

    def ids(self, *names: str) -> list[int]:
        """The members of these names."""
        return [self.people[name].pk for name in names]

    @contextmanager
    def done_by(self, name: str = MANAGER) -> Iterator[Actor]:
        """A transaction in which somebody of the customer does something, as they may."""
        person, own = self.people[name].person_id, self.organisation.pk
        with transaction.atomic(), wall_opened(read=[own], write=own, person=person):
            visit = Ports.grants.visit(person, NUMBER)
            if visit is None:
                raise CommandError(f"{name} is no member of {self.organisation.name}.")
            yield visit.actor

    @contextmanager
    def done_at_desk(self, role: Role, *, inside: bool = True) -> Iterator[Actor]:
        """A transaction in which somebody of the desk does something, for this customer or for the house."""
        person, own = StaffRole.objects.filter(role=role, ended_on=None)[0].person_id, self.organisation.pk
        opening: dict[str, Any] = {"read": [own], "write": own} if inside else {"desk": True, "house": True}
        with transaction.atomic(), wall_opened(person=person, **opening):
            yield replace(Actor.staff(person, [role], own if inside else None), stepped_up_at=now())

    def row(self, kind: type[Made], **known: Any) -> Made:
        """One row of the customer's."""
        return kind._default_manager.get(organisation=self.organisation, **known)


def roles(scene: Scene) -> None:
    """Hugo manages everything; somebody pays, somebody reads, somebody looks after a group."""
    manager = scene.people[MANAGER]
    told: dict[str, Any] = {"email": manager.email, "first_name": "", "last_name": "", "language": "fr", "contract": ""}
    with scene.done_at_desk(Role.ADMINISTRATOR) as actor:
        appoint_manager(actor, scene.organisation, **told, checked=CHECKED, although_managed=True, on=scene.on)
    groups(scene)
    office = scene.row(Group, name="Bureau d’études").pk
    for name, role, group in (
        ("Priya Novák", Role.PAYER, None),
        ("Léa Fournier", Role.REPORT_VIEWER, None),
        ("José Garcia", Role.ACCESS_MANAGER, office),
    ):
        with scene.done_by() as actor:
            member = scene.people[name].pk
            give_role(actor, scene.organisation, member=member, role=role.value, group=group, on=scene.on)


def groups(scene: Scene) -> None:
    """Groups of people, before anything is given to them."""
    for name, people in GROUPS.items():
        with scene.done_by() as actor:
            made = make_group(actor, scene.organisation, name=name, on=scene.on)
        with scene.done_by() as actor:
            join_group(actor, made, members=scene.ids(*people), on=scene.on)


def people(scene: Scene) -> None:
    """A list with good and bad rows, somebody who is invited alone, a domain, and somebody who asks to join."""
    heads, *rows = LIST
    with scene.done_by() as actor:
        read = read_people_list(actor, scene.organisation, name="équipe-2027.csv", heads=heads, rows=rows)
    with scene.done_by() as actor:
        add_listed_people(actor, read, fields=COLUMNS, language="fr", group=None, invite=True, on=scene.on)
    told: dict[str, Any] = {"email": "milo.aubert@client0.example", "first_name": "Milo", "last_name": "Aubert", "language": "fr"}
    with scene.done_by() as actor:
        add_person(actor, scene.organisation, **told, invite=True, on=scene.on)
    with scene.done_by() as actor:
        list_domain(actor, scene.organisation, domain="client0.example", on=scene.on)
    with transaction.atomic(), wall_opened(house=True):
        asks: dict[str, Any] = {"email": "nadia.ferrand@client0.example", "language": "fr"}
        newcomer = note_address(Actor.job("identity.register", None), the_house(), **asks, on=scene.on)
    with transaction.atomic(), wall_opened(person=newcomer.pk):
        named: dict[str, Any] = {"first_name": "Nadia", "last_name": "Ferrand", "language": "fr"}
        newcomer = confirm_address(themselves(newcomer.pk), newcomer, **named, on=scene.on)
    own = scene.organisation.pk
    with transaction.atomic(), wall_opened(read=[own], write=own, person=newcomer.pk):
        note_wish(Actor.job("organisations.note_wishes", own), scene.organisation, person=newcomer.pk, on=scene.on)


def seats(scene: Scene) -> None:
    """Seats of people and of groups, a line, a swap, a group of products, benefits."""
    small, build = scene.subscriptions["SCPT"], scene.subscriptions["BATI"]
    with scene.done_by() as actor:
        wanted = scene.ids("Siobhán Müller", "Léa Fournier", "Noël Ångström")
        assign(actor, small, members=wanted, beyond=Beyond.WAIT, on=scene.on)
    with scene.done_by() as actor:
        giver, taker = scene.ids("Léa Fournier", "José Garcia")
        swap(actor, small, giver=giver, taker=taker, on=scene.on)
    with scene.done_by() as actor:
        give_to_group(actor, scene.row(Group, name="Chantier"), subscriptions=[build.pk], on=scene.on)
    with scene.done_by() as actor:
        parts = [build.pk, scene.subscriptions["PLAN"].pk]
        bundle = make_bundle(actor, scene.organisation, name="Poste de dessin", subscriptions=parts, on=scene.on)
    with scene.done_by() as actor:
        give_bundle(actor, bundle, members=scene.ids("Siobhán Müller"), on=scene.on)
    with scene.done_by() as actor:
        people = [(scene.people["Aïcha O'Connor"].pk, "phone_support", "given")]
        kept = [(scene.row(Group, name="Chantier").pk, "cloud_services", "withheld")]
        choose_benefits(actor, scene.organisation, people=people, groups=kept, on=scene.on)


def licences(scene: Scene) -> None:
    """Keys, devices, a licence file, a serial number with somebody; seats that float, of which one is in use."""
    plan, build = scene.subscriptions["PLAN"], scene.subscriptions["BATI"]
    siobhan, machine, person = scene.people["Siobhán Müller"], NewKey(), NewKey()
    with scene.done_by() as actor:
        make_key(actor, plan, member=None, name="Serveur de rendu", digest=machine.digest, ending=machine.ending, on=scene.on)
    with scene.done_by() as actor:
        make_key(
            actor,
            plan,
            member=siobhan.pk,
            name="Portable sans connexion",
            digest=person.digest,
            ending=person.ending,
            on=scene.on,
        )
    device = None
    for name, platform in (("Station du bureau", "Windows 11"), ("Portable", "macOS 15")):
        told: dict[str, Any] = {"product": "PLAN", "version": "2027", "digest": digest_of(new_secret())}
        with _in_product(scene, siobhan) as actor:
            device = activate(actor, siobhan, **told, fingerprint=name, name=name, platform=platform, on=scene.on)
    if device is not None:
        with _in_product(scene, siobhan) as actor:
            take_over(actor, device, at=now(), on=scene.on)
        with _in_product(scene, siobhan) as actor:
            issue_file(actor, plan, device=device.pk, on=scene.on)
    with scene.done_at_desk(Role.ADMINISTRATOR) as actor:
        set_sharing(actor, build, sharing="multi_user", reason="Agreed with the renewal of the contract.", on=scene.on)
    with _in_product(scene, scene.people["Noël Ångström"]) as actor:
        take_lease(actor, build, fingerprint="atelier-3", name="Poste de l’atelier 3", version="2027", on=scene.on)
    spare = SerialNumber.objects.filter(organisation=scene.organisation, membership=None).select_related("subscription").first()
    if spare is not None:
        with scene.done_by() as actor:
            give_serial(actor, spare.subscription, serial=spare.pk, member=scene.people[MANAGER].pk, on=scene.on)


@contextmanager
def _in_product(scene: Scene, member: Membership) -> Iterator[Actor]:
    own = scene.organisation.pk
    with transaction.atomic(), wall_opened(read=[own], write=own, person=member.person_id):
        yield person_in(member)


def requests(scene: Scene) -> None:
    """Somebody has home use, somebody asks for it, and somebody for a seat."""
    home: dict[str, Any] = {"country": scene.organisation.country}
    given: dict[str, Any] = {"member": scene.people["Anaïs Girard"].pk, "serial": "MAISON-2027-0001", **home}
    with scene.done_by() as actor:
        give_home_use(actor, scene.subscriptions["BATI"], **given, on=scene.on)
    for name, code, verb, arguments, reason in (
        ("Léa Fournier", "BATI", "assign", {}, "Relevés du chantier de la gare, dès lundi."),
        ("Anaïs Gonçalves", "BATI", "give_home_use", home, "Deux jours de télétravail par semaine."),
    ):
        with scene.done_by(name) as actor:
            whom = {"members": [actor.member_id]} if verb == "assign" else {"member": actor.member_id}
            target = scene.subscriptions[code]
            ask(actor, target, verb=f"entitlements.{verb}", arguments={**whom, **arguments}, reason=reason, on=scene.on)


def downloads(scene: Scene) -> None:
    """A trial, a download, an address for machines, an update with a deadline, an exception, and a draft at the desk."""
    aicha = scene.people["Aïcha O'Connor"]
    with scene.done_by(aicha.name) as actor:
        start_trial(actor, aicha, product="TERR", on=scene.on)
    out = {"release__product__code": "PLAN", "release__state": Release.State.PUBLISHED, "kind": "installer"}
    file = ReleaseFile.objects.filter(**out).order_by("-release__released_on", "platform").select_related("release")[0]
    for name, part in (("Siobhán Müller", file.size), ("José Garcia", file.size // 3)):
        with scene.done_by(name) as actor:
            begun = begin_download(actor, scene.people[name], file=file.pk, link=new_secret(), how="browser", on=scene.on)
        with scene.done_by(name) as actor:
            note_sent(actor, begun, start=0, sent=part, on=scene.on)
    with scene.done_by() as actor:
        told: dict[str, Any] = {"name": "Salle des machines", "purpose": "machines", "digest": digest_of_address(new_secret())}
        make_address(actor, scene.people[MANAGER], **told, on=scene.on)
    update, deadline = file.release_id, scene.on + timedelta(days=12)
    group = scene.row(Group, name="Bureau d’études").pk
    with scene.done_by() as actor:
        assign_update(actor, scene.organisation, release=update, groups=[group], deadline=deadline, on=scene.on)
    with scene.done_by("Léa Fournier") as actor:
        mark_installed(actor, scene.organisation, release=update, members=scene.ids("Léa Fournier"), on=scene.on)


def desk(scene: Scene) -> None:
    """An older version that is allowed for a while, and a release that is not out yet."""
    old = Release.objects.filter(product__code="PLAN", kind="release").order_by("released_on")[0].version
    reason, until = "The project of the station was drawn with it.", scene.on + timedelta(days=180)
    with scene.done_at_desk(Role.ADMINISTRATOR) as actor:
        except_version(actor, scene.subscriptions["PLAN"], version=old, until=until, reason=reason, on=scene.on)
    told: dict[str, Any] = {
        "version": "2027.2",
        "kind": "update",
        "title": "Plan & Coupe 2027.2",
        "title_fr": "Plan & Coupe 2027.2",
    }
    told |= {"notes_en": "Sections follow the model as it changes."}
    told |= {"notes_fr": "Les coupes suivent le modèle à mesure qu’il change."}
    with scene.done_at_desk(Role.CATALOGUE, inside=False) as actor:
        plan = Product.objects.get(code="PLAN")
        draft_release(actor, plan, **told, released_on=scene.on + timedelta(days=21), on=scene.on)


PARTS: tuple[Callable[[Scene], None], ...] = (roles, people, seats, licences, requests, downloads, desk)
