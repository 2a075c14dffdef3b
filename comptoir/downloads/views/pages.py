"""Pages of downloads: what I may have, one product's files, who downloaded what."""

import re

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.paging import Place
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can

from ..adapters.store import public_key
from ..queries import pages as queries
from ..queries import trials as tried
from ..queries.trials import offered, own_trials
from ..rules.choosing import Machine, machine_of

PLATFORMS = ("windows", "macos", "linux")
SPOKEN = ("en", "fr")  # here: whoever reads these pages chooses one of them
A_LANGUAGE = re.compile(r"[a-z]{2}")


@gets
@page(Can.DOWNLOAD)
def downloads(request: GateRequest) -> HttpResponse:
    """The products that I may download, and what I try."""
    told = {
        "products": queries.own_products(request.actor, request.today),
        "trials": own_trials(request.actor, request.today),
        "may_deploy": request.actor.may(Can.DEPLOY, anywhere=True),
        "may_see": request.actor.may(Can.SEE_DOWNLOADS, anywhere=True),
    }
    return render(request, "downloads/downloads.html", told)


@gets
@page(Can.DOWNLOAD)
def product(request: GateRequest, code: str) -> HttpResponse:
    """One product: the file for this machine first, all others, how to install, older versions."""
    machine, language = _chosen(request)
    found = queries.product_page(request.actor, code, request.today, machine, language)
    told = {
        "page": found,
        "machine": machine,
        "chosen_language": language,
        "languages": sorted({*SPOKEN, *found.languages}),
        "platforms": PLATFORMS,
        "platform_words": dict(zip(PLATFORMS, ("Windows", "macOS", "Linux"), strict=True)),
        "public_key": public_key(),
        "can_be_tried": found.refusal is not None and offered(found.product, request.today),
    }
    return render(request, "downloads/product.html", told)


def _chosen(request: GateRequest) -> tuple[Machine, str]:
    """The machine and language of the page: what was chosen in the address, else what the browser tells."""
    hints = (request.headers.get("Sec-CH-UA-Platform", ""), request.headers.get("Sec-CH-UA-Arch", ""))
    told = machine_of(request.headers.get("User-Agent", ""), *hints)
    platform = request.GET.get("platform", "")
    machine = Machine(platform, "") if platform in PLATFORMS and platform != told.platform else told
    language = request.GET.get("language", "")
    return machine, language if A_LANGUAGE.fullmatch(language) else get_language() or "en"


@gets
@page(Can.SEE_DOWNLOADS)
def log(request: GateRequest) -> HttpResponse:
    """Who downloaded what and when, whole or in part; also as a file."""
    if wants_file(request):
        return list_as_file(request, "downloads", queries.COLUMNS, queries.lines_of_file(request.actor))
    told = {"page": queries.page_of_downloads(request.actor, Place.of(request.GET))}
    return render(request, "downloads/log.html", told)


@gets
@page(Can.SEE_DOWNLOADS)
def trials(request: GateRequest) -> HttpResponse:
    """Who tries what, or tried it, and what came of it; also as a file."""
    if wants_file(request):
        return list_as_file(request, "trials", tried.COLUMNS, tried.lines_of_file(request.actor, request.today))
    return render(
        request, "downloads/trials.html", {"page": tried.page_of_trials(request.actor, request.today, Place.of(request.GET))}
    )
