"""BibTeX of the laws: it parses, every work is in it, and it says no more than the references do."""

import doctest
import re

import pytest

import derivations
from derivations import references
from derivations.references import WORKS, bibtex, works

pytestmark = pytest.mark.symbolic
LINES = {line for name in derivations.names() for line in derivations.derive(name).references}
TEXT = "\n".join(LINES)
TITLES_SEEN = {  # not in the references: seen on the works' own pages or in other people's bibliographies
    "loshchilov2017", "vanlaarhoven2017", "wan2020", "li2019", "kunin2020", "wang2024", "kosson2023",
}  # fmt: skip
ENTRY = re.compile(r"@(?P<kind>\w+)\{(?P<key>[\w:]+),\n(?P<fields>.*?)\n\}(?=\n|\Z)", re.S)
FIELD = re.compile(r"  (?P<name>\w+) = \{(?P<value>[^\n]*)\}(?:,\n|\Z)")


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Read BibTeX as we write it, strictly: nothing between entries but comments, braces that match."""
    entries = {}
    for match in ENTRY.finditer(text):
        fields = {found["name"]: found["value"] for found in FIELD.finditer(match["fields"])}
        assert FIELD.sub("", match["fields"]) == "", match["fields"]
        assert match["key"] not in entries, f"{match['key']} stands twice"
        entries[match["key"]] = fields | {"kind": match["kind"]}
    rest = [line for line in ENTRY.sub("", text).splitlines() if line]
    assert all(line.startswith("% ") and "@" not in line for line in rest), rest
    return entries


@pytest.mark.parametrize("name", derivations.names())
def test_the_entries_of_a_law_parse_and_have_all_its_works(name: str) -> None:
    law = derivations.derive(name)
    entries = parsed(law.bibtex())
    assert set(entries) == {work.key for work in works(law.references)}
    for fields in entries.values():
        assert set(fields) <= {"kind", "author", "title", "year", "eprint", "archiveprefix", "note"}
        assert all(value.count("{") == value.count("}") and value for value in fields.values())
        for needed in ("author", "title", "year"):
            assert needed in fields or f"{needed} not recorded here" in fields["note"]
    numbers = set(re.findall(r"\b\d{4}\.\d{4,5}\b", "\n".join(law.references)))
    assert numbers <= {fields["eprint"] for fields in entries.values() if "eprint" in fields}


def test_no_author_year_or_title_is_invented() -> None:
    for work in WORKS:
        assert all(mark in TEXT for mark in (work.mark, *work.also)), f"{work.key}: no reference names it so"
        around = "\n".join(line for line in LINES if work.named_in(line))
        for name in work.author.removesuffix(" and others").split(" and "):
            surname = name.split(" ")[-1]
            assert not name or surname in around, f"{work.key}: no reference names {name}"
        assert not work.year or work.year in around, f"{work.key}: {work.year} stands in no reference"
        assert work.key in TITLES_SEEN or work.title in around, f"{work.key}: {work.title} stands in no reference"


def test_an_own_law_has_none_and_a_line_without_a_work_is_kept() -> None:
    assert bibtex(("All derived here.",)) == "" and derivations.derive("blocked_sgd").bibtex() == ""
    text = derivations.derive("symmetry").bibtex()
    assert text.startswith("% No entry: All derived here.\n\n@misc{du2018,")


def test_what_is_wrong_is_noticed() -> None:
    good = WORKS[1].bibtex()
    assert set(parsed(good)) == {"loshchilov2017"}
    for bad in (good.replace("},\n", "}\n", 1), good + "\n\n" + good, good + "\nrest"):
        with pytest.raises(AssertionError):
            parsed(bad)


def test_another_parser_reads_them_all() -> None:
    pybtex = pytest.importorskip("pybtex.database", reason="only a second opinion: pip install pybtex")
    every = pybtex.parse_string(bibtex(sorted(LINES)), "bibtex")
    assert set(every.entries) == {work.key for work in WORKS}


def test_the_examples_run() -> None:
    found = doctest.testmod(references)
    assert found.attempted and not found.failed
