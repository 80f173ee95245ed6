from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from rag.page.citing import Reference, bibtex, csl_json, day, every_form, markdown, plain, quoted, ris

REFERENCE = Reference(
    key="t1666065",
    speaker="Lu Kang",
    title="Foreign Ministry Spokesperson Lu Kang's Regular Press Conference on May 23, 2019",
    institution="Ministry of Foreign Affairs",
    date=dt.date(2019, 5, 23),
    url="https://www.example.org/t1666065.shtml",
)
BARE = Reference(key="notes", speaker=None, title="Remarks", institution="", date=None, url=None)


def test_plain_form():
    assert plain(REFERENCE) == (
        "Lu Kang, Regular Press Conference, Ministry of Foreign Affairs, 23 May 2019, "
        "https://www.example.org/t1666065.shtml"
    )


def test_a_bare_reference_names_what_is_missing():
    assert plain(BARE) == "Remarks, undated"


def test_quote_with_citation():
    assert quoted(BARE, "We noted it.") == "“We noted it.”\n— Remarks, undated"


def test_markdown_links_the_event_and_escapes_the_rest():
    hostile = REFERENCE.model_copy(update={"speaker": "*Lu* <b>", "title": "A [x](javascript:1)"})
    assert markdown(hostile) == (
        r"\*Lu\* \<b\>, [A \[x\]\(javascript\:1\)](<https://www.example.org/t1666065.shtml>), "
        "Ministry of Foreign Affairs, 23 May 2019"
    )


def test_bibtex_braces_balance_whatever_the_title():
    entry = bibtex(REFERENCE.model_copy(update={"title": "50% of {x} & _y_ \\ z}"}))
    assert r"title = {{50\% of \textbraceleft{}x\textbraceright{} \& \_y\_ \textbackslash{} z" in entry
    assert entry.count("{") == entry.count("}")
    assert entry.startswith("@misc{t1666065,")
    assert "year = {2019}" in entry


def test_ris_has_one_field_a_line():
    record = ris(REFERENCE.model_copy(update={"title": "two\nlines"}))
    assert record.split("\r\n") == [
        "TY  - GEN",
        "ID  - t1666065",
        "AU  - Lu Kang",
        "TI  - two lines",
        "PB  - Ministry of Foreign Affairs",
        "PY  - 2019",
        "DA  - 2019/05/23/",
        "UR  - https://www.example.org/t1666065.shtml",
        "ER  - ",
        "",
    ]


@pytest.mark.parametrize("reference", [REFERENCE, BARE])
def test_csl_json_parses(reference):
    (item,) = json.loads(csl_json(reference))
    assert item["type"] == "speech"
    assert item["title"] == reference.title


def test_csl_json_date():
    (item,) = json.loads(csl_json(REFERENCE))
    assert item["issued"] == {"date-parts": [[2019, 5, 23]]}


def test_without_a_quote_there_is_nothing_to_quote():
    assert "Quote with citation" not in every_form(REFERENCE, None)
    assert "Quote with citation" in every_form(REFERENCE, "words")


def test_days_are_in_english():
    assert day(dt.date(2019, 5, 3)) == "3 May 2019"
    assert day(None) == "undated"


# Whatever a transcript calls itself, each form is read by a program that reads such forms.
NASTY = (
    "50% of {x} & _y_ \\ z",
    "}{",
    "{",
    "two\nlines\r\nand \u2028 a third",
    "外交部发言人“记者会”",
    "~ ^ # $ \\end{document} \\input{x}",
    "@misc{x, title=1}",
    "ends in \\",
    "TY  - JOUR\nER  - ",
    '<b>x</b> & "q" [y](javascript:1) `c` | 1. *z* ![i](u)',
    "a \x00\x1b\ud800 b",
    "x" * 2000,
)
TEX = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"}
TEX |= {r"\textasciitilde{}": "~", r"\textasciicircum{}": "^"} | {f"\\{c}": c for c in "%&#$_"}


def untex(text: str) -> str:
    """What TeX sets for a braced field."""
    assert text.startswith("{")
    assert text.endswith("}")
    return re.sub("|".join(map(re.escape, TEX)), lambda match: TEX[match[0]], text[1:-1])


@pytest.fixture(params=NASTY)
def nasty(request) -> Reference:
    text = request.param
    return Reference(key=text, speaker=text, title=text, institution=text, date=dt.date(2019, 5, 3), url=WEB + text)


WEB = "https://example.org/t?q="


def test_bibtex_is_bibtex(nasty):
    from pybtex.database import parse_string

    (entry,) = parse_string(bibtex(nasty), "bibtex").entries.values()
    assert untex(entry.fields["title"]) == nasty.title
    (author,) = entry.persons["author"]
    assert untex(str(author)) == nasty.speaker
    assert (entry.fields["year"], entry.fields["month"], entry.fields["day"]) == ("2019", "5", "3")
    assert entry.fields["url"].startswith(WEB)


def test_ris_is_ris(nasty):
    import rispy

    (entry,) = rispy.loads(ris(nasty))
    assert (entry["type_of_reference"], entry["title"], entry["authors"]) == ("GEN", nasty.title, [nasty.speaker])
    assert (entry["publisher"], entry["year"]) == (nasty.institution, "2019")
    assert entry["urls"][0].startswith(WEB)


def test_csl_json_is_read_by_a_citation_processor(nasty):
    from citeproc.source.json import CiteProcJSON

    (entry,) = CiteProcJSON(json.loads(csl_json(nasty))).values()
    assert entry["type"] == "speech"
    assert (str(entry["title"]), str(entry["publisher"])) == (nasty.title, nasty.institution)
    assert (entry["issued"]["year"], entry["issued"]["month"], entry["issued"]["day"]) == (2019, 5, 3)
    (author,) = json.loads(csl_json(nasty))[0]["author"]
    assert author == {"literal": nasty.speaker}


def test_markdown_shows_the_words_and_one_link(nasty):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(nasty))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inside = tokens[1].children
    assert {token.type for token in inside} <= {"text", "text_special", "link_open", "link_close"}
    (link,) = (token for token in inside if token.type == "link_open")
    assert link.attrs["href"].startswith(WEB)
    event = nasty.event
    shown = "".join(token.content for token in inside)
    assert shown == f"{nasty.speaker}, {event}, {nasty.institution}, 3 May 2019"


def test_plain_is_one_line(nasty):
    assert len(plain(nasty).splitlines()) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "file:///etc/passwd"])
def test_an_address_that_is_no_page_is_in_no_form(url):
    forms = every_form(REFERENCE.model_copy(update={"url": None}), "words")
    assert every_form(Reference(**(REFERENCE.model_dump() | {"url": url})), "words") == forms
