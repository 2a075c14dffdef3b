"""`{% rows lines as each %} … {% endrows %}` says what `{% for each in lines %}` says, in a fraction of the time.

The engine asks its whole context for every word of every row. Here, what does not hold the row is written once for all rows;
what does is read from the row alone. What this file does not know (another tag, an include, a value that has to be called) it
hands to the engine, row by row: the page says the same, and takes longer. A tag inside must not set a name: set it before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from html import escape
from typing import Any, Protocol

from django import template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import ForNode, IfNode, TemplateLiteral, URLNode
from django.template.library import SimpleNode
from django.templatetags.i18n import TranslateNode
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString, mark_safe

register = template.Library()

Values = dict[str, Any]  # the row under its name, `forloop`, and what loops inside it add
Read = Callable[[Values], Any]
Write = Callable[[Values], str]
UNCLEAR = (LookupError, AttributeError, TypeError, ValueError)
SETS_A_NAME = ("asvar", "target_var", "var_name")


class _Part(Protocol):
    """A part of a row."""

    def bound(self, context: Context) -> str | Write:
        """What it says on this page: words, or a function of the row."""
        ...


class _Expression:
    """A value with its filters, and whether it moves from row to row."""

    def __init__(self, told: Any, names: frozenset[str]) -> None:
        self.told = told
        held = [told.var, *(arg for _, args in told.filters for _, arg in args)]
        self.moves = bool(names & {each.lookups[0] for each in held if isinstance(each, Variable) and each.lookups})
        self.quick = self.moves and _plain(told, names)

    def of(self, context: Context, *, or_none: bool = False) -> Any:
        """What it is on this page, whatever the row. Nothing there: no words, or None."""
        return self.told.resolve(context, ignore_failures=or_none)

    def read(self, context: Context, *, or_none: bool = False) -> Read:
        """How it is read from a row."""
        if not self.moves:
            fixed = self.of(context, or_none=or_none)
            return lambda _values: fixed

        def by_engine(values: Values) -> Any:
            with context.push(**values):
                return self.of(context, or_none=or_none)

        if not self.quick:
            return by_engine
        try:
            filters = _filters(self.told, context)
        except VariableDoesNotExist:
            return by_engine
        name, *path = self.told.var.lookups

        def read(values: Values) -> Any:
            try:
                value = values[name]
                for bit in path:
                    value = _within(value, bit)
            except UNCLEAR:
                return by_engine(values)
            for told, args, safe in filters:
                new = told(value, *args)
                value = mark_safe(new) if safe and isinstance(value, SafeData) else new
            return value

        return read


def _plain(told: Any, names: frozenset[str]) -> bool:
    """Whether the row is what is asked first, and all else about it is the same for every row."""
    if not isinstance(told.var, Variable) or not told.var.lookups or told.var.lookups[0] not in names:
        return False
    if any(getattr(each, asks, False) for each, _ in told.filters for asks in ("expects_localtime", "needs_autoescape")):
        return False
    args = [arg for _, args in told.filters for looked_up, arg in args if looked_up]
    return not any(arg.lookups and arg.lookups[0] in names for arg in args)


def _filters(told: Any, context: Context) -> list[tuple[Callable[..., Any], list[Any], bool]]:
    def values(args: Iterable[tuple[bool, Any]]) -> list[Any]:
        return [arg.resolve(context) if looked_up else mark_safe(arg) for looked_up, arg in args]

    return [(each, values(args), getattr(each, "is_safe", False)) for each, args in told.filters]


def _within(value: Any, bit: str) -> Any:
    """A part of a value, as the engine finds it. Raises one of UNCLEAR where the engine has to look itself."""
    found = value[bit] if type(value) is dict or hasattr(type(value), "__getitem__") else getattr(value, bit)
    if callable(found):
        raise LookupError(bit)
    return found


def _words(value: Any, context: Context) -> str:
    if type(value) is str and context.autoescape:
        return escape(value)
    return value if type(value) is SafeString else render_value_in_context(value, context)


class _Value:
    """`{{ each.name|number }}`."""

    def __init__(self, node: Any, names: frozenset[str]) -> None:
        self.value = _Expression(node.filter_expression, names)

    def bound(self, context: Context) -> str | Write:
        """The value in words."""
        read = self.value.read(context)
        return (lambda values: _words(read(values), context)) if self.value.moves else _words(read({}), context)


class _Tag:
    """`{% when each.renews_on today %}`: a tag that knows nothing but what it is told. So does an address."""

    def __init__(self, tag: Callable[..., Any], args: Iterable[Any], named: Mapping[str, Any], names: frozenset[str]) -> None:
        self.tag = tag
        self.args = [_Expression(each, names) for each in args]
        self.named = {name: _Expression(each, names) for name, each in named.items()}

    def bound(self, context: Context) -> str | Write:
        """What the tag answers."""
        args, named = [each.read(context) for each in self.args], {name: each.read(context) for name, each in self.named.items()}

        def write(values: Values) -> str:
            said = self.tag(*[read(values) for read in args], **{name: read(values) for name, read in named.items()})
            return said if type(said) is SafeString or not context.autoescape else conditional_escape(said)

        return write if any(each.moves for each in (*self.args, *self.named.values())) else write({})


class _Leaf:
    """A value in a condition, which operators ask as they ask the engine's own."""

    def __init__(self, read: Read) -> None:
        self.eval = read


class _Choice:
    """`{% if each.left_on %} … {% elif … %} … {% else %} … {% endif %}`."""

    def __init__(self, node: Any, names: frozenset[str]) -> None:
        self.names = names
        self.branches = [(condition, _Body(nodes, names)) for condition, nodes in node.conditions_nodelists]

    def bound(self, context: Context) -> str | Write:
        """The branches that some row may take; one alone where that is the same for all."""
        open_to: list[tuple[Read | None, str | Write]] = []
        for condition, body in self.branches:
            test = None if condition is None else self._test(condition, context)
            if test is False:
                continue
            open_to.append((None if test is True or test is None else test, body.bound(context)))
            if open_to[-1][0] is None:
                break
        if not open_to or open_to[0][0] is None:
            return open_to[0][1] if open_to else ""

        def write(values: Values) -> str:
            for test, said in open_to:
                if test is None or _holds(test, values):
                    return said if isinstance(said, str) else said(values)
            return ""

        return write

    def _test(self, condition: Any, context: Context) -> Read | bool:
        if any(_Expression(each, self.names).moves for each in _leaves(condition)):
            test: Read = self._asking(condition, context).eval
            return test
        return _holds(condition.eval, context)

    def _asking(self, condition: Any, context: Context) -> Any:
        """The condition, asking the row where the engine's asks the context."""
        if isinstance(condition, TemplateLiteral):
            return _Leaf(_Expression(condition.value, self.names).read(context, or_none=True))
        asking = copy(condition)
        asking.first = self._asking(condition.first, context)
        asking.second = None if condition.second is None else self._asking(condition.second, context)
        return asking


def _leaves(condition: Any) -> Iterable[Any]:
    if isinstance(condition, TemplateLiteral):
        yield condition.value
        return
    for each in (condition.first, condition.second):
        if each is not None:
            yield from _leaves(each)


def _holds(test: Callable[[Any], Any], where: Any) -> bool:
    try:
        return bool(test(where))
    except VariableDoesNotExist:
        return False


class _Loop:
    """`{% for role in each.roles %} … {% endfor %}`."""

    def __init__(self, node: Any, names: frozenset[str]) -> None:
        (self.name,) = node.loopvars
        self.items = _Expression(node.sequence, names)
        self.body, self.empty = _Body(node.nodelist_loop, names | {self.name, "forloop"}), _Body(node.nodelist_empty, names)

    def bound(self, context: Context) -> str | Write:
        """What the loop writes for the items of one row."""
        read, said, empty = self.items.read(context, or_none=True), self.body.bound(context), self.empty.bound(context)

        def write(values: Values) -> str:
            items = _listed(read(values))
            if not items:
                return empty if isinstance(empty, str) else empty(values)
            return _each(items, self.name, said, values)

        return write


class Engine:
    """What only the engine can write."""

    def __init__(self, node: Node) -> None:
        if any(getattr(node, told, None) for told in SETS_A_NAME):
            raise template.TemplateSyntaxError("a tag inside of rows can't set a name: set it before them")
        self.node = node

    def bound(self, context: Context) -> str | Write:
        """The engine, given the row."""

        def write(values: Values) -> str:
            with context.push(**values):
                return str(self.node.render_annotated(context))

        return write


class _Once:
    """What the engine writes once for all rows."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def bound(self, context: Context) -> str | Write:
        """The words."""
        return str(self.node.render(context))


class _Body:
    """Parts, one after the other."""

    def __init__(self, nodes: Iterable[Node], names: frozenset[str]) -> None:
        self.parts = [_part(node, names) for node in nodes]

    def bound(self, context: Context) -> str | Write:
        """All of them, with what stays the same put together."""
        said: list[str | Write] = []
        for part in self.parts:
            one = part.bound(context)
            if isinstance(one, str) and said and isinstance(said[-1], str):
                said[-1] += one
            else:
                said.append(one)
        if len(said) < 2:
            return said[0] if said else ""
        return lambda values: "".join([each if isinstance(each, str) else each(values) for each in said])


def _part(node: Any, names: frozenset[str]) -> _Part:
    kind = type(node)
    if kind is TextNode or (kind is TranslateNode and _stays(node, names)):
        return _Once(node)
    if kind is VariableNode:
        return _Value(node, names)
    if kind is SimpleNode and not node.takes_context and node.target_var is None:
        return _Tag(node.func, node.args, node.kwargs, names)
    if kind is URLNode and not node.asvar and ":" not in str(node.view_name):
        return _Tag(_address, [node.view_name, *node.args], node.kwargs, names)
    if kind is IfNode:
        return _Choice(node, names)
    if kind is ForNode and len(node.loopvars) == 1 and not node.is_reversed:
        return _Loop(node, names)
    return Engine(node)


def _address(page: str, *args: Any, **parts: Any) -> str:
    return reverse(page, args=args, kwargs=parts)


def _stays(node: Any, names: frozenset[str]) -> bool:
    return not (node.asvar or node.message_context or _Expression(node.filter_expression, names).moves)


def _listed(items: Any) -> Sequence[Any]:
    return () if items is None else items if hasattr(items, "__len__") else list(items)


def _each(items: Sequence[Any], name: str, said: str | Write, around: Mapping[str, Any]) -> str:
    """What is said of each item, one after the other, counted as the engine counts."""
    if isinstance(said, str):
        return said * len(items)
    count = len(items)
    forloop: dict[str, Any] = {"parentloop": around.get("forloop", {})}
    values = {**around, "forloop": forloop}
    found = []
    for at, item in enumerate(items):
        values[name] = item
        forloop |= {"counter0": at, "counter": at + 1, "revcounter": count - at, "revcounter0": count - at - 1}
        forloop |= {"first": at == 0, "last": at == count - 1}
        found.append(said(values))
    return "".join(found)


class RowsNode(Node):
    """The rows of a list."""

    def __init__(self, items: FilterExpression, name: str, nodelist: NodeList) -> None:
        self.items, self.name, self.nodelist = items, name, nodelist
        self.body = _Body(nodelist, frozenset({name, "forloop"}))

    def render(self, context: Context) -> SafeString:
        """Write them."""
        items = _listed(self.items.resolve(context, ignore_failures=True))
        around = {"forloop": context["forloop"]} if "forloop" in context else {}
        return mark_safe(_each(items, self.name, self.body.bound(context), around) if items else "")


@register.tag
def rows(parser: Parser, token: Token) -> RowsNode:
    """`{% rows lines as each %} … {% endrows %}`."""
    try:
        _tag, items, _as, name = token.split_contents()
    except ValueError:
        _as = ""
    if _as != "as":
        raise template.TemplateSyntaxError("rows are written so: {% rows lines as each %} … {% endrows %}")
    nodelist = parser.parse(("endrows",))
    parser.delete_first_token()
    return RowsNode(parser.compile_filter(items), name, nodelist)
