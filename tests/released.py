"""A release with its files, and what a customer did with it, for every test."""

import hashlib
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.timezone import now

from comptoir.catalogue.models import Product
from comptoir.downloads.models import (
    AssignedUpdate,
    Download,
    Installed,
    News,
    NewsChoice,
    Release,
    ReleaseFile,
    SecretAddress,
    Trial,
)
from comptoir.home import jobs as home_jobs
from comptoir.kernel.actor import Actor
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Group
from tests.cast import Cast
from tests.cast import product as make_product

CONTENT = b"MZ" + bytes(range(256)) * 40  # 10,242 bytes of an installer


def release(product: Product, version: str, on: date, kind: str = "release", **more: object) -> Release:
    """A release that is out, or whatever `state` says."""
    told = {"title": f"{product.name} {version}", "notes_en": f"What is new in {version}.", "published_at": now(), **more}
    return Release.objects.create(product=product, version=version, kind=kind, released_on=on, **told)


def file(release: Release, name: str = "sculpt-x64.exe", content: bytes = CONTENT, **more: object) -> ReleaseFile:
    """A file of a release, with its bytes in the store."""
    told = {"platform": "windows", "architecture": "x64", "language": "", "kind": "installer", "signature": "c2lnbmVk", **more}
    told |= {"media_type": "application/vnd.microsoft.portable-executable"}
    digest = hashlib.sha256(content).hexdigest()
    made = ReleaseFile.objects.create(release=release, name=name, size=len(content), sha256=digest, **told)
    place = Path(settings.STORAGES["releases"]["OPTIONS"]["location"]) / made.stored_as
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return made


def one_row_each(cast: Cast, day: date) -> None:
    """A row in every table of a customer; its wall is open, and Camille's own."""
    nord, out = {"organisation": cast.nord}, release(cast.sculpt, "2", day)
    there = file(out)
    Download.objects.create(**nord, membership=cast.emil, file=there, link="l", how="browser", on=day)
    SecretAddress.objects.create(**nord, membership=cast.camille, name="a", purpose="own", digest="d", made_on=day)
    lasts = {"started_on": day, "ends_on": date.fromordinal(day.toordinal() + 30)}
    Trial.objects.create(**nord, membership=cast.emil, person_id=cast.emil.person_id, product=cast.sculpt, **lasts)
    News.objects.create(**nord, membership=cast.emil, release=out, on=day)
    assigned = {"release": out, "assigned_by": cast.camille, "assigned_on": day}
    AssignedUpdate.objects.create(**nord, **assigned, group=Group.objects.create(**nord, name="Updates", made_on=day))
    Installed.objects.create(**nord, membership=cast.emil, release=out, how="download", on=day)
    NewsChoice.objects.create(person_id=cast.camille.person_id, when="daily")


def tried_downloaded_asked(cast: Cast, day: date) -> None:
    """Emil tries a product and downloads it whole; Camille asks everybody to install it, and he hears of it.

    What the log says so far is told to those whom it concerns.
    """
    nord, plan = {"organisation": cast.nord}, make_product("PLAN", "Plan", {"year": (100, 100)})
    out = release(plan, "2027", day)
    there = file(out, "plan.exe", downloads=1, of_trials=1)
    emil, lasts = {**nord, "membership": cast.emil}, {"started_on": day, "ends_on": date.fromordinal(day.toordinal() + 30)}
    Trial.objects.create(**emil, person_id=cast.emil.person_id, product=plan, **lasts)
    whole = {"sent": there.size, "finished_at": now(), "trial": True}
    Download.objects.create(**emil, file=there, link="whole", how="browser", on=day, **whole)
    Installed.objects.create(**emil, release=out, how="download", on=day)
    AssignedUpdate.objects.create(**nord, release=out, assigned_by=cast.camille, assigned_on=day, ended_on=day)
    News.objects.create(**emil, release=out, on=day)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        home_jobs.note(Actor.job("home.note_notices", cast.nord.pk))


# how each check of releases, downloads, trials and updates is broken, for `comptoir verify`
BREAKS: dict[str, list[list[str]]] = {
    "release_files_kept": [
        ["UPDATE downloads_releasefile SET size = size + 1"],
        ["UPDATE downloads_releasefile SET sha256 = repeat('a', 64)"],
    ],
    "published_release_has_files": [
        ["UPDATE downloads_releasefile SET kind = 'documentation'"],
        ["UPDATE downloads_release SET state = 'draft'"],
    ],
    "downloads_counted": [
        ["UPDATE downloads_releasefile SET downloads = downloads + 1"],
        ["UPDATE downloads_releasefile SET of_trials = 0"],
    ],
    "downloads_add_up": [
        ["UPDATE downloads_download SET sent = sent + 1"],
        ["UPDATE downloads_download SET finished_at = NULL"],
        ["DELETE FROM downloads_trial"],
    ],
    "whole_downloads_are_installed": [["DELETE FROM downloads_installed"]],
    "trials_once_each": [
        ["UPDATE downloads_trial SET ends_on = ends_on + 1"],
        ["UPDATE downloads_trial SET person_id = (SELECT min(id) FROM identity_person WHERE id <> person_id)"],
        [
            "ALTER TABLE downloads_trial DROP CONSTRAINT one_trial_each",
            "INSERT INTO downloads_trial (organisation_id, membership_id, person_id, product_id, started_on, ends_on) "
            "SELECT organisation_id, membership_id, person_id, product_id, started_on, ends_on FROM downloads_trial",
        ],
    ],
    "notices_are_of_the_log": [
        ["UPDATE home_notice SET seq = seq + 99999"],
        ['UPDATE home_notice SET "on" = "on" - 1'],
        ["UPDATE home_logread SET seq = 0"],
        ["UPDATE home_logread SET seq = seq + 99999"],
    ],
    "updates_of_what_is_out": [
        ["UPDATE downloads_release SET state = 'draft', published_at = NULL"],
        ["UPDATE downloads_assignedupdate SET ended_on = assigned_on - 1"],
    ],
}
