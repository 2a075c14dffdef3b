"""The API of search: the same answers as the page."""

from ninja import Router, Schema

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.searching import Typed
from comptoir.permissions import Can

from ..queries.searching import found_for

router = Router(tags=["Search"])


class Thing(Schema):
    """Something that was found: its name or number, a line about it, the address of its page."""

    name: str
    about: str
    url: str


class Kind(Schema):
    """What was found of one kind, at most five."""

    kind: str
    title: str
    items: list[Thing]


class Search(Schema):
    """All that was found. `q` is what was looked for: printable, at most 100 characters."""

    q: str
    found: list[Kind]


@router.get("/customers/{customer}/search", response={200: Search, **PROBLEMS}, operation_id="search")
@operation(Can.SEE_HOME)
def search(request: GateRequest, customer: str, q: str = "") -> Search:
    """People, products, contracts, invoices and the like by how their names and numbers begin, as far as one may see them.

    At least two characters; case and accents don't count in names.
    """
    typed = Typed.of(q)
    groups = found_for(request.actor, request.customer, typed, request.today)
    items = [
        Kind(kind=group.kind, title=group.title, items=[Thing(name=hit.name, about=hit.about, url=hit.url) for hit in group.hits])
        for group in groups
    ]
    return Search(q=typed.text, found=items)
