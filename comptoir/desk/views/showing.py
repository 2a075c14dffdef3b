"""How a page of the desk is shown: with the switch that stops all charging, whose banner stands on each of them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from comptoir.kernel.gate import GateRequest

from ..queries.house import stopped_because


def show(request: GateRequest, template: str, told: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Render one page of the desk."""
    return render(request, f"desk/{template}.html", {**told, "stopped_because": stopped_because()}, status=status)
