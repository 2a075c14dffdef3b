"""A call of every verb about people, seats, licences, releases and products that sign in, for whoever tries all of them.

Each is done as somebody of the cast may do it, in the world of `tests/world.py` with what is added here.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models

from comptoir.directory.models import Application
from comptoir.downloads.actions import sandbox as _sandbox  # noqa: F401 - a verb that only a command knows
from comptoir.downloads.models import AssignedUpdate, Release, SecretAddress
from comptoir.entitlements.models import Bundle, Device, UseRight, VersionException
from comptoir.identity.models import Person
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.organisations.models import EmailDomain, Group, JoinRequest, PeopleImport
from tests.cast import TODAY
from tests.released import CONTENT
from tests.tried import Call, Stage

CONTEXTS = ("organisations", "entitlements", "downloads", "directory")


ON = {"on": TODAY}


def _of(model: type[models.Model], where: str, name: str) -> Callable[[Stage], models.Model]:
    """A row whose id the world knows by that name."""
    return lambda s: model._default_manager.get(pk=getattr(s.world, where)[name])


def _there(name: str) -> Callable[[Stage], models.Model]:
    return lambda s: getattr(s, name)


def _told(**told: object) -> Callable[[Stage], dict[str, Any]]:
    return lambda _s: told


NORD, LINE, FLOATING, OTHER = _there("nord"), _there("subscription"), _there("floating"), _there("other")
GROUP, BUNDLE = _of(Group, "peopled", "group"), _of(Bundle, "peopled", "bundle")
DEVICE = _of(Device, "peopled", "device")
DRAFT, OUT = _of(Release, "released", "draft"), _of(Release, "released", "out")
APPLICATION = _of(Application, "released", "application")
LISTED = _of(PeopleImport, "peopled", "list")
WISH = _of(JoinRequest, "peopled", "wish")
NAMES = {"first_name": "Nina", "last_name": "Neu", "language": "en"}
MANAGER = "contract_manager"
KEPT = {"size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest(), "signature": "s"}  # bytes that are in the store
SHOWN = {"fingerprint": "0123456789abcdef", "name": "Tablet"}
NOTES = {"kind": "release", "released_on": TODAY, "title": "New", "notes_en": "All is new."}
ADDRESSES = {"addresses": ["https://x.example/back"], "farewells": [], "device_flow": True, "trusted": False}


def _person(name: str) -> Callable[[Stage], models.Model]:
    """The account of somebody, read inside their own wall."""
    return lambda s: Person.objects.get(pk=getattr(s, name).person_id)


CALLS: dict[str, Call] = {
    "organisations.hand_over": Call("camille", NORD, lambda s: {"giver": s.camille.pk, "taker": s.emil.pk, **ON}),
    "organisations.unite_members": Call("job:bring_over", NORD, lambda s: {"merge": s.merge.pk, **ON}),
    "organisations.set_spending_limit": Call("camille", NORD, lambda s: {"membership": s.anton.pk, "role": "", "minor": 100_00}),
    "organisations.create_token": Call(
        "camille", _there("camille"), _told(name="n", scopes=["people:read"], days=30, digest="a" * 64, hint="abcd")
    ),
    "organisations.make_group": Call("camille", NORD, _told(name="Site", **ON)),
    "organisations.rename_group": Call("camille", GROUP, _told(name="Site")),
    "organisations.end_group": Call("camille", _there("given"), _told(**ON)),
    "organisations.join_group": Call("camille", _there("given"), lambda s: {"members": [s.jonas.pk], **ON}),
    "organisations.leave_group": Call("camille", GROUP, lambda s: {"members": [s.emil.pk], **ON}),
    "organisations.list_domain": Call("camille", NORD, _told(domain="example.com", **ON)),
    "organisations.unlist_domain": Call("camille", _of(EmailDomain, "peopled", "domain")),
    "organisations.ask_to_join": Call("self:oskar", _person("oskar"), _told(**ON)),
    "organisations.note_wish": Call("job:note_wish", NORD, lambda s: {"person": s.oskar.person_id, **ON}),
    "organisations.approve_joining": Call("camille", WISH, _told(**ON)),
    "organisations.decline_joining": Call("camille", WISH, _told(**ON)),
    "organisations.appoint_manager": Call(
        "inside:ada",
        NORD,
        lambda s: {
            **NAMES,
            "email": "nina@example.com",
            "contract": s.contract.number,
            "checked": "seen on the telephone, called back",
            "although_managed": True,
            **ON,
        },
    ),
    "organisations.read_people_list": Call("camille", NORD, _told(name="a.csv", heads=["Email"], rows=[["x@example.com"]])),
    "organisations.add_listed_people": Call(
        "camille", LISTED, _told(fields={"0": "email"}, language="en", group=None, invite=True, **ON)
    ),
    "organisations.add_people": Call(
        "camille", NORD, _told(people=[["y@example.com", "Y", "Y", ""]], language="en", group=None, invite=True, **ON)
    ),
    "organisations.forget_lists": Call("job:forget_lists", NORD, _told(days=0, **ON)),
    "organisations.invite_wave": Call("job:invite", LISTED, lambda s: {"members": [s.ines.pk]}),
    "organisations.change_billing_details": Call(
        "camille",
        NORD,
        _told(po_number="PO", invoice_email="i@example.com", street="1", postcode="75001", city="Paris", tax_number=""),
    ),
    "organisations.add_person": Call(
        "camille", NORD, _told(email="nina@example.com", **NAMES, roles=[{"role": "payer"}], invite=True, **ON)
    ),
    "organisations.invite_again": Call("camille", _there("ines")),
    "organisations.accept_invitation": Call(
        "self:ines",
        _person("ines"),
        lambda s: {"organisation": s.nord.pk, "member": s.ines.pk, "until": s.ines.invited_until, **ON},
    ),
    "organisations.remove_people": Call("camille", NORD, lambda s: {"members": [s.emil.pk, s.jonas.pk], **ON}),
    "organisations.check_roles": Call("camille", NORD, _told(item="managers", **ON)),
    "organisations.register_customer": Call(
        "self:oskar",
        _person("oskar"),
        _told(
            company={
                "name": "New",
                "country": "FR",
                "currency": "EUR",
                "language": "fr",
                "street": "1",
                "postcode": "75001",
                "city": "Paris",
            },
            terms_version="",
            **ON,
        ),
    ),
    "organisations.give_role": Call("camille", NORD, lambda s: {"member": s.emil.pk, "role": MANAGER, **ON}),
    "organisations.take_role": Call("camille", NORD, lambda s: {"member": s.pierre.pk, "role": "payer", **ON}),
    "entitlements.take_lease": Call("product:emil", FLOATING, _told(**SHOWN, **ON)),
    "entitlements.borrow_lease": Call(
        "product:camille",
        FLOATING,
        lambda s: {"lease": s.lease.pk, "device": s.laptop.pk, "days": 2, **ON},
    ),
    "entitlements.return_lease": Call("product:camille", FLOATING, lambda s: {"lease": s.lease.pk, **ON}),
    "entitlements.end_lease": Call("camille", FLOATING, lambda s: {"lease": s.lease.pk, **ON}),
    "entitlements.give_serial": Call("camille", LINE, lambda s: {"serial": s.spare.pk, "member": s.emma.pk, **ON}),
    "entitlements.make_key": Call(
        "camille", LINE, lambda s: {"member": s.emma.pk, "name": "k", "digest": "k" * 64, "ending": "ABCD", **ON}
    ),
    "entitlements.end_key": Call("camille", LINE, lambda s: {"key": s.world.peopled["licence_key"], **ON}),
    "entitlements.activate": Call(
        "product:emma",
        _there("emma"),
        _told(product="SCLT", **SHOWN, platform="", version="", digest="e" * 64, **ON),
    ),
    "entitlements.end_device": Call("camille", DEVICE, _told(**ON)),
    "entitlements.take_over": Call("product:emil", _there("desk"), lambda _s: {"at": now(), **ON}),
    "entitlements.issue_file_for": Call("camille", _there("emma"), lambda s: {"subscription": s.subscription.pk, **SHOWN, **ON}),
    "entitlements.issue_file": Call("product:emil", LINE, lambda s: {"device": s.desk.pk, **ON}),
    "entitlements.revoke_file": Call("camille", LINE, lambda s: {"file": s.world.peopled["licence_file"], **ON}),
    "entitlements.revoke_groundless": Call("job:revoke", LINE, _told(**ON)),
    "entitlements.end_withdrawn": Call("job:signing_key", LINE, _told(kid="k", **ON)),
    "entitlements.note_next_key": Call("job:signing_key", NORD, _told(kid="n", signs_from="2026-11-22T10:00:00+00:00", **ON)),
    "entitlements.give_to_group": Call("camille", GROUP, lambda s: {"subscriptions": [s.subscription.pk], **ON}),
    "entitlements.take_from_group": Call("camille", _there("given"), lambda s: {"subscription": s.other.pk, **ON}),
    "entitlements.end_left": Call("job:end_left", _there("gaston"), _told(**ON)),
    "entitlements.give_home_use": Call("camille", LINE, lambda s: {"member": s.emma.pk, "country": "FR", **ON}),
    "entitlements.give_previous_version": Call("camille", LINE, lambda s: {"member": s.emma.pk, "version": "2027", **ON}),
    "entitlements.end_use_right": Call("camille", _of(UseRight, "peopled", "use_right"), _told(**ON)),
    "entitlements.let_go": Call("job:renewals", _there("fewer"), _told(**ON)),
    "entitlements.make_bundle": Call("camille", NORD, lambda s: {"name": "Both", "subscriptions": [s.subscription.pk], **ON}),
    "entitlements.end_bundle": Call("camille", BUNDLE, _told(**ON)),
    "entitlements.give_bundle": Call("camille", BUNDLE, lambda s: {"members": [s.jonas.pk], **ON}),
    "entitlements.change_bundle": Call(
        "camille", BUNDLE, lambda s: {"name": "Both", "subscriptions": [s.subscription.pk, s.other.pk], "beyond": "wait", **ON}
    ),
    "entitlements.choose_benefits": Call("camille", NORD, lambda s: {"people": [[s.emil.pk, "training", "withheld"]], **ON}),
    "entitlements.except_version": Call(
        "inside:ada", LINE, lambda _s: {"version": "2019", "until": TODAY + timedelta(days=9), "reason": "An old model", **ON}
    ),
    "entitlements.end_exception": Call("inside:ada", _of(VersionException, "peopled", "exception"), _told(**ON)),
    "entitlements.rotate_signing_key": Call("operator:", lambda _s: the_house()),
    "entitlements.withdraw_signing_key": Call("operator:", lambda _s: the_house(), _told(kid="k", reason="It leaked.")),
    "entitlements.reseal_signing_keys": Call("operator:", lambda _s: the_house()),
    "entitlements.assign": Call("camille", LINE, lambda s: {"members": [s.jonas.pk, s.rita.pk], **ON}),
    "entitlements.take_back": Call("camille", LINE, lambda s: {"members": [s.emil.pk], **ON}),
    "entitlements.swap": Call("camille", LINE, lambda s: {"giver": s.emil.pk, "taker": s.jonas.pk, **ON}),
    "entitlements.leave_line": Call("jonas", OTHER, _told(**ON)),
    "entitlements.move_up": Call("job:move_up", OTHER, _told(**ON)),
    "downloads.begin_download": Call(
        "emil", _there("emil"), lambda s: {"file": s.world.released["file"], "link": "new", "how": "browser", **ON}
    ),
    "downloads.note_sent": Call("emil", _there("half"), _told(start=0, sent=10_242, **ON)),
    "downloads.make_address": Call("camille", _there("camille"), _told(name="m", purpose="own", digest="m" * 64, **ON)),
    "downloads.revoke_address": Call("camille", _of(SecretAddress, "released", "address"), _told(**ON)),
    "downloads.choose_news": Call("self:emil", _person("emil"), _told(when="weekly")),
    "downloads.note_news": Call("job:news", NORD, lambda s: {"release": s.more.pk, **ON}),
    "downloads.note_told": Call("job:news", NORD, lambda s: {"news": [s.note.pk], "people": 1, **ON}),
    "downloads.assign_update": Call("camille", NORD, lambda s: {"release": s.more.pk, "members": [s.emil.pk], **ON}),
    "downloads.take_back_update": Call("camille", _of(AssignedUpdate, "released", "assigned"), _told(**ON)),
    "downloads.mark_installed": Call(
        "camille", NORD, lambda s: {"release": s.world.released["out"], "members": [s.emil.pk], **ON}
    ),
    "downloads.start_trial": Call("jonas", _there("jonas"), _told(product="SCLT", **ON)),
    "downloads.convert_trials": Call("job:trials", NORD, lambda s: {"product_id": s.sculpt.pk, **ON}),
    "downloads.draft_release": Call("desk:karl", _there("sculpt"), _told(version="2030", **NOTES, **ON)),
    "downloads.edit_release": Call("desk:karl", DRAFT, _told(version="2028", **NOTES, **ON)),
    "downloads.add_file": Call(
        "desk:karl",
        DRAFT,
        _told(
            platform="macos",
            architecture="arm64",
            language="",
            kind="installer",
            name="a.dmg",
            media_type="application/zip",
            **KEPT,
            **ON,
        ),
    ),
    "downloads.remove_file": Call("desk:karl", DRAFT, lambda s: {"file": s.world.released["draft_file"], **ON}),
    "downloads.delete_draft": Call("desk:karl", DRAFT, _told(**ON)),
    "downloads.publish_release": Call("desk:karl", DRAFT, _told(**ON)),
    "downloads.withdraw_release": Call("desk:karl", OUT, _told(reason="It crashes.", **ON)),
    "downloads.set_public_feed": Call("desk:karl", _there("sculpt"), _told(public=True, **ON)),
    "downloads.fill_sandbox_releases": Call(
        "operator:",
        lambda _s: the_house(),
        lambda s: {
            "files": [
                {
                    "release_id": s.more.pk,
                    "name": "b.exe",
                    "platform": "windows",
                    "architecture": "x64",
                    "kind": "installer",
                    "media_type": "application/zip",
                    **KEPT,
                }
            ],
            "notes_en": "New",
            "notes_fr": "Nouveau",
        },
    ),
    "directory.register_application": Call(
        "desk:ada", lambda _s: the_house(), _told(product="SCLT", name="Another", **ADDRESSES, public=False, secret="hash", **ON)
    ),
    "directory.change_application": Call("desk:ada", APPLICATION, _told(name="Sculpt", **ADDRESSES, **ON)),
    "directory.replace_secret": Call("desk:ada", _there("secret"), _told(secret="another hash", **ON)),
    "directory.end_application": Call("desk:ada", APPLICATION, _told(**ON)),
    "directory.let_in": Call(
        "self:emil", _person("emil"), lambda s: {"application": s.world.released["application"], "scope": "openid"}
    ),
    "directory.answer_device": Call("self:emil", _person("emil"), lambda s: {"device": s.waits.pk, "allow": True}),
    "directory.end_sign_ins": Call("self:emil", _person("emil")),
    "subscriptions.set_sharing": Call("inside:ada", LINE, _told(sharing="named", reason="Each has one.", **ON)),
}
