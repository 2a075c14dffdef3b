"""Each contract about who may import whom is kept, and is seen to fail when one import breaks it."""

import tomllib
from copy import deepcopy
from typing import Any

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

from tests.sources import CHECKOUT, contexts

configure()
KINDS = {"forbidden": ForbiddenContract, "layers": LayersContract, "protected": ProtectedContract}
SETTINGS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in SETTINGS["contracts"]}

# contract -> one import that must break it
BREAKS = [
    ("Contexts depend downwards only", "comptoir.billing.models", "comptoir.subscriptions.models"),
    ("Contexts depend downwards only", "comptoir.contracts.models", "comptoir.billing.models"),
    ("Contexts depend downwards only", "comptoir.kernel.mail", "comptoir.identity.models"),
    ("Contexts depend downwards only", "comptoir.home.views", "comptoir.wiring"),
    ("Contexts depend downwards only", "comptoir.permissions", "comptoir.kernel.errors"),
    ("Contexts depend downwards only", "comptoir.identity.models", "comptoir.settings"),
    ("Every context is made of the same few files", "comptoir.identity.models", "comptoir.identity.queries"),
    ("Every context is made of the same few files", "comptoir.identity.queries", "comptoir.identity.actions"),
    ("Every context is made of the same few files", "comptoir.identity.forms", "comptoir.identity.views"),
    ("Every context is made of the same few files", "comptoir.identity.views", "comptoir.identity.api"),
    ("Every context is made of the same few files", "comptoir.identity.actions", "comptoir.identity.adapters"),
    ("Rules are pure: no Django, no clock, no database, no chance", "comptoir.subscriptions.rules.seats", "django"),
    ("Rules are pure: no Django, no clock, no database, no chance", "comptoir.billing.rules.tax", "comptoir.billing.models"),
    ("Rules are pure: no Django, no clock, no database, no chance", "comptoir.kernel.calendar", "comptoir.kernel.clock"),
    ("Rules are pure: no Django, no clock, no database, no chance", "comptoir.billing.rules.tax", "time"),
    ("Pages and the API reach data through queries and actions", "comptoir.identity.views", "comptoir.identity.models"),
    ("Pages and the API reach data through queries and actions", "comptoir.identity.api", "comptoir.identity.models"),
    ("Only the tables at the root know the outermost files", "comptoir.home.queries", "comptoir.identity.views"),
    ("Only the tables at the root know the outermost files", "comptoir.home.apps", "comptoir.identity.api"),
    ("Only settings and the command line read the environment", "comptoir.kernel.mail", "comptoir.environment"),
    ("What runs before Django starts needs no Django", "comptoir.kernel.logins", "django"),
    ("The job queue stands behind the kernel's own door", "comptoir.identity.actions", "procrastinate"),
    ("The sign-in library stands behind identity's adapters", "comptoir.identity.views", "allauth"),
    ("The library of OpenID stands behind directory's adapters", "comptoir.directory.views", "oauth2_provider"),
    ("The database driver stands behind the kernel", "comptoir.identity.queries", "psycopg"),
    ("No secret is made by a guessable generator", "comptoir.kernel.gate", "random"),
    ("Nothing calls outside by itself", "comptoir.identity.actions", "requests"),
]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Who imports whom, as the code stands."""
    return grimp.build_graph(
        "comptoir",
        include_external_packages=SETTINGS["include_external_packages"],
        exclude_type_checking_imports=SETTINGS["exclude_type_checking_imports"],
        cache_dir=None,
    )


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contract_is_kept(name: str, imports: grimp.ImportGraph) -> None:
    assert _kept(name, imports)


@pytest.mark.parametrize(("name", "importer", "imported"), BREAKS, ids=[f"{a} -> {b}" for _, a, b in BREAKS])
def test_one_wrong_import_breaks_the_contract(name: str, importer: str, imported: str, imports: grimp.ImportGraph) -> None:
    broken = deepcopy(imports)
    for module in (importer, imported):
        if module not in broken.modules:
            broken.add_module(module, is_squashed=not module.startswith("comptoir"))
    broken.add_import(importer=importer, imported=imported, line_number=1, line_contents="")
    assert not _kept(name, broken)


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert set(CONTRACTS) == {name for name, _, _ in BREAKS}


def test_no_context_stands_outside_the_contracts() -> None:
    containers = CONTRACTS["Every context is made of the same few files"]["containers"]
    assert [path.name for path in contexts()] == [name.removeprefix("comptoir.") for name in containers]


def _kept(name: str, imports: grimp.ImportGraph) -> bool:
    options: dict[str, Any] = {key: value for key, value in CONTRACTS[name].items() if key not in {"name", "type"}}
    contract = KINDS[CONTRACTS[name]["type"]](name, {"root_packages": ["comptoir"], **_as_text(SETTINGS)}, _as_text(options))
    return bool(contract.check(deepcopy(imports), verbose=False).kept)


def _as_text(options: dict[str, Any]) -> dict[str, Any]:
    # import-linter reads its options as the texts of an INI file
    return {key: str(value) if isinstance(value, bool) else value for key, value in options.items() if key != "contracts"}
