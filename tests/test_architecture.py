"""What keeps the code easy to see: sizes, file names, who writes, what is said about each function. See `CONTRIBUTING.md`."""

import ast
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from comptoir import events, permissions
from tests.sources import (
    CHECKOUT,
    CONTEXT_FILES,
    HOUSE,
    VENDORED,
    calls,
    contexts,
    decorators_of,
    functions,
    module_of,
    product_files,
    public_functions,
    python_files,
    shown,
    templates,
    texts,
    tree_of,
)

CODE = product_files()
NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "managers", "misc", "services", "signals", "util", "utils"}

# where a row is written outside actions and kernel: path -> why there is no other way
WRITES_ELSEWHERE: dict[str, str] = {
    "comptoir/billing/jobs/archives.py": "files in the storage, and no row",
    "comptoir/directory/adapters/endpoints.py": "codes of devices, as the library of OpenID writes all others",
    "comptoir/directory/adapters/validator.py": "what the library of OpenID writes of codes and devices, in their digests",
    "comptoir/directory/adapters/forgetting.py": "codes and tokens that are over, which are the library's",
    "comptoir/downloads/adapters/store.py": "files in the storage, and no row",
    "comptoir/billing/adapters/hearing.py": "what comes from outside before its customer is known",
    "comptoir/billing/adapters/sandbox.py": "the sandbox's own provider: its books are outside of us",
    "comptoir/billing/adapters/sandbox_books.py": "the sandbox's own provider: its books are outside of us",
}
# where a business day is read outside views, api, jobs, management and kernel: path -> why
READS_THE_CLOCK: dict[str, str] = {}
# where a role is named in a comparison that decides nothing: path -> what it is
NAMES_A_ROLE = {"comptoir/organisations/queries/people.py": "a filter of the list of people, as the page offers it"}
# rules that weigh and measure instead of counting money: path -> what
MEASURES = {"comptoir/kernel/encoding.py": "how likely a file is in this encoding"}
# functions of an actions file that are neither action nor step: name -> why
NEITHER_ACTION_NOR_STEP = {
    "comptoir.kernel.asking.approve": "runs the stored verb, which is an action",
    "comptoir.kernel.second_look.approve": "runs the stored verb, which is an action",
    "comptoir.kernel.second_look.limit_in": "tells the setting in a currency",
    "comptoir.kernel.second_look.look_of": "reads the target of its verbs",
    "comptoir.kernel.house.the_house": "reads the target of the house's verbs",
    "comptoir.subscriptions.actions.renewals.open_run": "makes the row that the run's verbs lock; it says nothing yet",
}
# marks of trust in text: path -> why its text can't carry markup of somebody else's
TRUSTED_MARKUP = {
    "comptoir/ui/templatetags/ui.py": "the icons that are vendored with the code, days in words, rows that Jinja2 escaped",
    "comptoir/kernel/mail.py": "the HTML of a mail, which its own template has escaped, on the sheet that goes around it",
    "comptoir/reports/queries.py": "a sentence of the log, every part of it escaped before it is filled in",
}
# lines of the tables whose feature is being built: take one off when it is there
AWAITED_PERMISSIONS: set[str] = set()
AWAITED_EVENTS: set[str] = set()


MONEY = [
    path
    for path in CODE
    if {"billing", "subscriptions", "catalogue", "rules"} & {*path.parts, path.stem} or path.name in {"money.py", "calendar.py"}
    if "ui" not in path.parts  # its rules place things on a picture
]


def by_path(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test that asks the same of every path, and names each path where the answer is wrong."""

    def asked(of_one: Callable[[Path], None]) -> Callable[[], None]:
        def of_all() -> None:
            wrong = []
            for path in paths:
                try:
                    of_one(path)
                except AssertionError as error:
                    wrong.append(f"{shown(path)}: {error}")
            if wrong or not paths:
                pytest.fail("\n\n".join(wrong) or "no path was asked", pytrace=False)

        of_all.__doc__ = of_one.__doc__
        return of_all

    return asked


def test_every_path_that_is_wrong_is_named() -> None:
    def has_no_rules(path: Path) -> None:
        assert path.name != "rules.py"

    rules = [path for path in CODE if path.name == "rules.py"]
    assert len(rules) > 1
    with pytest.raises(pytest.fail.Exception) as failed:
        by_path(CODE)(has_no_rules)()
    assert [shown(path) for path in CODE if f"{shown(path)}: " in str(failed.value)] == [shown(path) for path in rules]
    with pytest.raises(pytest.fail.Exception, match="no path was asked"):
        by_path([])(has_no_rules)()
    by_path([path for path in CODE if path not in rules])(has_no_rules)()


# --- sizes -------------------------------------------------------------------------------------------------------------


@by_path(python_files())
def test_a_file_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
    assert [f"{node.name}: {_lines(node)} lines" for node in functions(path) if _lines(node) > 40] == []


@by_path(templates())
def test_a_template_fits_on_two_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


def test_our_styles_and_scripts_fit_in_the_head() -> None:
    own = [path for kind in ("css", "js", "typ") for path in HOUSE.rglob(f"*.{kind}") if VENDORED not in path.parts]
    assert [shown(path) for path in own if len(path.read_text().splitlines()) > 400] == []


# --- names -------------------------------------------------------------------------------------------------------------


@by_path(contexts())
def test_a_context_is_made_of_the_same_few_files(path: Path) -> None:
    # `jinja2` are templates too, of the rows of long lists, and `documents`: what typst sets in type
    texts = {"templates", "jinja2", "documents", "locale"}
    allowed = {"__init__", "apps", *CONTEXT_FILES, "migrations", "tests", "management", *texts}
    found = {part.stem for part in path.iterdir() if part.name != "__pycache__"}
    assert found - allowed == set()
    assert {"__init__", "apps", "tests"} <= found
    # the sign-in library finds the texts of its mails under its own name
    library = {"account", "usersessions"} if path.name == "identity" else set()
    assert {part.name for kind in ("templates", "jinja2") for part in path.glob(f"{kind}/*")} - library <= {path.name}


@by_path([path for path in python_files() if "tests" in path.parts and path.name.startswith("test_") and HOUSE in path.parents])
def test_a_test_is_named_after_the_file_that_it_tests(path: Path) -> None:
    context = path.parent.parent
    tested = path.stem.removeprefix("test_")
    # a file, a page or a command; a story over several pages ends in _pages
    parts = [part for part in context.rglob("*") if "tests" not in part.parts and part.suffix in {"", ".py", ".html"}]
    names = {part.stem.removesuffix("s") for part in parts}
    if context.name == "kernel":
        names |= {part.stem for part in HOUSE.glob("*.py")}
    known = tested.endswith("_pages") or any(tested.startswith(name) for name in names - {""})
    assert known, f"{shown(path)}: there is no such file to test"


@by_path(python_files())
def test_a_file_is_named_after_what_is_in_it(path: Path) -> None:
    assert path.stem not in NAMES_THAT_SAY_NOTHING
    assert not NAMES_THAT_SAY_NOTHING & set(path.relative_to(CHECKOUT).parts)


@by_path(CODE)
def test_nothing_hangs_on_signals_or_model_forms(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\bModelForm\b|django\.db\.models\.signals|django\.dispatch", text)


# --- only actions write ------------------------------------------------------------------------------------------------

WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "save", "delete"}
WRITES_SQL = re.compile(
    r"\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM|TRUNCATE|MERGE INTO|COPY \w+ (\(|FROM))"
)  # in capitals, as all our SQL is


@by_path(CODE)
def test_only_actions_write(path: Path) -> None:
    is_actions = path.name == "actions.py" or "actions" in path.parts
    if is_actions or "kernel" in path.parts or shown(path) in WRITES_ELSEWHERE:
        return
    found = [f"{node.func.attr}() on line {node.lineno}" for node in calls(path) if _writes(node)]  # type: ignore[attr-defined]
    found += [f"SQL on line {line}" for line, text in texts(path) if WRITES_SQL.search(text)]
    assert found == []


@by_path([path for path in CODE if path.name == "actions.py" or "actions" in path.parts])
def test_every_public_function_of_actions_is_an_action_or_a_step(path: Path) -> None:
    assert _unguarded(path) == []


def test_the_kernels_verbs_are_actions() -> None:
    assert _unguarded(HOUSE / "kernel" / "asking.py") + _unguarded(HOUSE / "kernel" / "house.py") == []
    assert _unguarded(HOUSE / "kernel" / "second_look.py") == []


def test_rows_are_not_joined_by_hidden_tables() -> None:
    # a many-to-many field makes a table without organisation_id, and writes it by methods that no test above sees
    assert [shown(path) for path in CODE if "ManyToManyField" in path.read_text()] == []


@by_path([path for path in CODE if path.name != "wiring.py"])
def test_only_wiring_fills_ports(path: Path) -> None:
    targets = [
        ast.unparse(target)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    assert [target for target in targets if target.startswith("Ports.")] == []


# --- what is said about a function -------------------------------------------------------------------------------------


@by_path(CODE)
def test_what_others_may_call_says_what_it_does(path: Path) -> None:
    assert [node.name for node in public_functions(path) if not ast.get_docstring(node)] == []


@by_path(CODE)
def test_what_others_may_call_has_types(path: Path) -> None:
    untyped = []
    for node in public_functions(path):
        taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        typed = [argument.annotation is not None for argument in taken if argument.arg not in {"self", "cls"}]
        if node.returns is None or not all(typed):
            untyped.append(node.name)
    assert untyped == []


# --- time, money, secrets ----------------------------------------------------------------------------------------------


@by_path(CODE)
def test_the_business_clock_is_read_at_the_door_only(path: Path) -> None:
    at_the_door = {"views", "api", "jobs", "management"} & {*path.parts, path.stem} or "kernel" in path.parts
    if at_the_door or shown(path) in READS_THE_CLOCK:
        return
    assert [node.lineno for node in calls(path) if _name_of(node) == "business_day"] == []


@by_path([path for path in CODE if path != HOUSE / "kernel" / "clock.py"])
def test_nobody_asks_the_machine_which_day_it_is(path: Path) -> None:
    asked = [ast.unparse(node) for node in calls(path)]
    assert [
        call for call in asked if re.search(r"\b(date|datetime)\.(today|utcnow)\(|\btimezone\.(now|local\w+)\(\)", call)
    ] == []


@by_path(MONEY)
def test_money_and_rules_know_no_floating_point(path: Path) -> None:
    if shown(path) in MEASURES:
        return
    found = [
        f"{ast.unparse(node)} on line {node.lineno}"
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert found == []


def test_no_row_holds_a_floating_point_number() -> None:
    assert [shown(path) for path in CODE if "FloatField" in path.read_text()] == []


# --- templates ---------------------------------------------------------------------------------------------------------

INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "a style in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style on an element": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a script on an element": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx that evaluates": re.compile(r"\bhx-on\b|\bhx-vals=[\"']js:", re.IGNORECASE),
}
TRUST = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|\bmark_safe\b|\bSafeString\b|\bhtml_safe\b")


@by_path([path for path in templates() if path.suffix == ".html"])
def test_a_template_keeps_to_the_content_security_policy(path: Path) -> None:
    told = path.read_text()
    # readers of mail know no style sheets, and no policy
    rules = {fault: rule for fault, rule in INLINE.items() if "mail" not in path.parts or "style" not in fault}
    assert [fault for fault, rule in rules.items() if rule.search(told)] == []


@by_path([*(path for path in templates() if path.suffix == ".html"), *CODE])
def test_text_is_escaped(path: Path) -> None:
    if shown(path) not in TRUSTED_MARKUP:
        assert TRUST.search(path.read_text()) is None


# --- the tables at the root ----------------------------------------------------------------------------------------------


def test_every_permission_is_used() -> None:
    everything = "".join(path.read_text() for path in CODE if path.name != "permissions.py")
    unused = {f"Can.{name.upper()}" for name in permissions.table() if f"Can.{name.upper()}" not in everything}
    assert unused - AWAITED_PERMISSIONS == set()


def test_every_kind_of_event_is_recorded_somewhere() -> None:
    everything = "".join(path.read_text() for path in CODE if path.name != "events.py")
    names = {name for name, kind in vars(events.Events).items() if isinstance(kind, events.Kind)}
    assert names - set(re.findall(r"\bEvents\.(\w+)", everything)) - AWAITED_EVENTS == set()


def test_a_schema_of_the_api_has_a_name_of_its_own() -> None:
    """The document lists them by their names alone: of two with one name it would tell one."""
    apis = [path for path in CODE if path.name == "api.py" or path.parent.name == "api"]
    names = [node.name for path in apis for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_a_role_is_compared_in_the_permission_table_only() -> None:
    found = {}
    for path in CODE:
        if path.name == "permissions.py" or shown(path) in NAMES_A_ROLE:
            continue
        compared = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Compare) and "Role." in ast.unparse(node)]
        if compared:
            found[shown(path)] = [ast.unparse(node) for node in compared]
    assert found == {}


@pytest.mark.parametrize("allowed", [WRITES_ELSEWHERE, READS_THE_CLOCK, NAMES_A_ROLE, MEASURES, TRUSTED_MARKUP])
def test_no_exception_outlives_its_file(allowed: dict[str, str]) -> None:
    assert [name for name in allowed if not (CHECKOUT / name).exists()] == []
    assert all(len(reason.split()) > 3 for reason in allowed.values())


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _name_of(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def _writes(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute):
        return False
    # a dict or a hash is updated from something; rows are updated by the names of their columns
    of_rows = node.func.attr == "update" and not node.args and bool(node.keywords)
    return node.func.attr in WRITES or of_rows


def _unguarded(path: Path) -> list[str]:
    public = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    named = [f"{module_of(path)}.{node.name}" for node in public if not decorators_of(node) & {"action", "step", "heartbeat"}]
    return [name for name in named if name not in NEITHER_ACTION_NOR_STEP]
