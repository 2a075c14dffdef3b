"""Every text has its French, and the tools that see to it see what they should (`scripts/messages.py`)."""

from pathlib import Path

import pytest

from scripts import messages

PACKAGE = messages.CHECKOUT / "comptoir"
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of two contexts with a text in Python, a text of the tables at the root, and some in templates."""
    for context in ("kernel", "counter"):
        (tmp_path / context / "templates" / context).mkdir(parents=True)
        (tmp_path / context / "apps.py").touch()
        messages.catalogue_path(tmp_path, context).parent.mkdir(parents=True)
    (tmp_path / "events.py").write_text('said = _("{actor} came")\n')
    (tmp_path / "counter" / "rules.py").write_text('told = ngettext("%(n)s seat", "%(n)s seats", n)\nother = _(told)\n')
    (tmp_path / "counter" / "templates" / "counter" / "page.html").write_text(
        "<p>it's 5 o'clock</p>\n"
        "{% blocktranslate asvar title count n=rows|length trimmed %}\n  One row\n"
        "  {% plural %}\n  {{ n }} rows{% endblocktranslate %}\n"
        "      <c-th label=\"{% translate 'Seats' %}\" />\n"
        '  {% translate "Light" context "theme" %}{{ told|default:_("Nothing") }}\n'
    )
    return tmp_path


def write(house: Path, context: str, *entries: str) -> None:
    messages.catalogue_path(house, context).write_text(HEADER + "\n\n".join(entries) + "\n")


def fill(house: Path) -> None:
    write(house, "kernel", 'msgid "{actor} came"\nmsgstr "{actor} est venu"')
    write(
        house,
        "counter",
        'msgid "%(n)s seat"\nmsgid_plural "%(n)s seats"\nmsgstr[0] "%(n)s poste"\nmsgstr[1] "%(n)s postes"',
        'msgid "One row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s ligne"\nmsgstr[1] "%(n)s lignes"',
        'msgid "Seats"\nmsgstr "Postes"',
        'msgctxt "theme"\nmsgid "Light"\nmsgstr "Clair"',
        'msgid "Nothing"\nmsgstr "Rien"',
    )


def replace(house: Path, context: str, old: str, new: str) -> None:
    path = messages.catalogue_path(house, context)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_every_text_of_the_house_has_its_french() -> None:
    assert list(messages.faults(PACKAGE)) == []


def test_texts_are_found_in_python_and_in_templates(house: Path) -> None:
    found = {messages.key_of(message) for message in messages.gathered(house, "counter") if message.id}
    assert found == {("%(n)s seat", ""), ("One row", ""), ("Seats", ""), ("Light", "theme"), ("Nothing", "")}


def test_texts_are_found_in_the_rows_of_long_lists(house: Path) -> None:
    rows = house / "counter" / "jinja2" / "counter" / "page_rows.html"
    rows.parent.mkdir(parents=True)
    rows.write_text(
        '{{ _("late") }}{% trans who=row.name %}Take {{ who }} out{% endtrans %}{% trans n=1 %}a{% pluralize %}b{% endtrans %}'
    )
    found = {messages.key_of(message) for message in messages.gathered(house, "counter") if message.id}
    assert found >= {("late", ""), ("Take %(who)s out", ""), ("a", ""), ("Seats", "")}


def test_the_tables_at_the_root_are_the_kernels(house: Path) -> None:
    assert [message.id for message in messages.gathered(house, "kernel") if message.id] == ["{actor} came"]


def test_a_complete_catalogue_has_no_fault(house: Path) -> None:
    fill(house)
    assert list(messages.faults(house)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Seats"\nmsgstr "Postes"', "", "not in the catalogue"),
        ('msgstr "Rien"', 'msgstr ""', "no French"),
        ('msgid "Nothing"', '#, fuzzy\nmsgid "Nothing"', "marked fuzzy"),
        ('msgstr[1] "%(n)s postes"', 'msgstr[1] "%(m)s postes"', "other placeholders"),
        ('msgstr[1] "%(n)s postes"', 'msgstr[1] "%(n)s postes à 100 %"', "a percent sign that is not doubled"),
        ('msgstr "Rien"', 'msgstr "Rien d\'autre"', "typewriter marks"),
        ('msgstr "Rien"', 'msgstr "Rien !"', "typewriter marks"),
        ('msgid "Nothing"', 'msgid "Gone"\nmsgstr "Parti"\n\nmsgid "Nothing"', "nothing says this any more"),
    ],
)
def test_each_fault_is_told(house: Path, old: str, new: str, fault: str) -> None:
    fill(house)
    replace(house, "counter", old, new)
    assert any(fault in line for line in messages.faults(house))


def test_one_english_has_one_french(house: Path) -> None:
    fill(house)
    (house / "kernel" / "refusals.py").write_text('said = _("Seats")\n')
    replace(house, "kernel", 'msgid "{actor} came"', 'msgid "Seats"\nmsgstr "Sièges"\n\nmsgid "{actor} came"')
    assert [line for line in messages.faults(house) if "said differently" in line] == [
        "kernel: said differently in counter: 'Seats'"
    ]


def test_a_percent_sign_of_a_template_is_doubled_in_both_languages(house: Path) -> None:
    (house / "kernel" / "templates" / "kernel" / "tax.html").write_text(
        "{% blocktranslate %}VAT {{ rate }}%{% endblocktranslate %}"
    )
    fill(house)
    replace(house, "kernel", 'msgid "{actor}', 'msgid "VAT %(rate)s%%"\nmsgstr "TVA %(rate)s %%"\n\nmsgid "{actor}')
    assert list(messages.faults(house)) == []


def test_extracting_keeps_the_french_adds_what_is_new_and_marks_what_is_gone(house: Path) -> None:
    fill(house)
    page = house / "counter" / "templates" / "counter" / "page.html"
    page.write_text(page.read_text().replace("'Seats'", "'Chairs'"))
    messages.extract(house, [])
    text = messages.catalogue_path(house, "counter").read_text()
    assert 'msgid "Nothing"\nmsgstr "Rien"' in text
    assert 'msgid "Chairs"\nmsgstr ""' in text
    assert '#~ msgid "Seats"\n#~ msgstr "Postes"' in text
    assert "fuzzy" not in text


def test_what_comes_back_gets_its_french_back(house: Path) -> None:
    fill(house)
    page = house / "counter" / "templates" / "counter" / "page.html"
    before = page.read_text()
    page.write_text("")
    messages.extract(house, [])
    page.write_text(before)
    messages.extract(house, [])
    assert list(messages.faults(house)) == []
    assert "#~" not in messages.catalogue_path(house, "counter").read_text()


def test_a_text_that_another_context_has_in_french_is_taken_over(house: Path) -> None:
    fill(house)
    (house / "kernel" / "refusals.py").write_text('said = _("Seats")\n')
    messages.extract(house, ["kernel"])
    assert 'msgid "Seats"\nmsgstr "Postes"' in messages.catalogue_path(house, "kernel").read_text()


def test_extracting_twice_writes_nothing_twice(house: Path) -> None:
    fill(house)
    messages.extract(house, [])
    first = {path: path.read_bytes() for path in house.rglob("django.po")}
    messages.extract(house, [])
    assert {path: path.read_bytes() for path in house.rglob("django.po")} == first
    assert all(text.count(b'msgid "Seats"') <= 1 for text in first.values())
    assert not any(b"POT-Creation-Date" in text or str(house).encode() in text for text in first.values())
