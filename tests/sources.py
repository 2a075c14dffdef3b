"""The house as text: its files, parsed once, for the tests that read code instead of running it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
HOUSE = CHECKOUT / "comptoir"
CONTEXT_FILES = ("rules", "ports", "models", "queries", "actions", "forms", "adapters", "views", "api", "reactions", "jobs")
VENDORED = "vendor"  # copies of libraries, kept under this name

Function = ast.FunctionDef | ast.AsyncFunctionDef


def contexts() -> list[Path]:
    """The folders of the contexts, without kernel and ui, which are what the others are made with."""
    return sorted(path.parent for path in HOUSE.glob("*/apps.py") if path.parent.name not in {"kernel", "ui"})


def python_files() -> list[Path]:
    """Every Python file of ours, tests and scripts too, without generated migrations."""
    places = (HOUSE, CHECKOUT / "tests", CHECKOUT / "scripts")
    found = [path for place in places for path in place.rglob("*.py")] + [CHECKOUT / "conftest.py"]
    return sorted(path for path in found if not path.match("*/migrations/0001_initial.py"))


def product_files() -> list[Path]:
    """The Python files that run in production: no tests, no migrations, no scripts."""
    return [path for path in python_files() if HOUSE in path.parents and not {"tests", "migrations"} & set(path.parts)]


def templates() -> list[Path]:
    """Every template of a page, of its rows or of a mail."""
    return sorted(path for kind in ("templates", "jinja2") for path in HOUSE.glob(f"*/{kind}/**/*") if path.is_file())


def shown(path: Path) -> str:
    """A path as it is written in a sentence: from the checkout."""
    return str(path.relative_to(CHECKOUT))


def module_of(path: Path) -> str:
    """`comptoir.billing.rules.tax` for its path."""
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> list[Function]:
    """Every function and method of a file, nested ones too."""
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, Function)]


def public_functions(path: Path) -> Iterator[Function]:
    """What others may call: public functions, and the public methods of public classes, where they have a body."""
    for node in tree_of(path).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (part for part in node.body if _is_public(part))  # type: ignore[misc]
        elif _is_public(node):
            yield node  # type: ignore[misc]


def _is_public(node: ast.stmt) -> bool:
    return isinstance(node, Function) and not node.name.startswith("_") and ast.unparse(node.body[-1]) != "..."


def decorators_of(node: Function | ast.ClassDef) -> set[str]:
    """The names of the decorators, without their arguments: `@action(Can.X)` is `action`."""
    return {ast.unparse(decorator).partition("(")[0].rpartition(".")[2] for decorator in node.decorator_list}


def calls(path: Path) -> list[ast.Call]:
    """Every call in a file."""
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]


def texts(path: Path) -> list[tuple[int, str]]:
    """Every text constant with its line, docstrings left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function | ast.ClassDef | ast.Module) and node.body and isinstance(node.body[0], ast.Expr)
    }
    constants = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [(node.lineno, node.value) for node in constants if isinstance(node.value, str)]
