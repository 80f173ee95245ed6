from __future__ import annotations

import datetime as dt
import json

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
    entry = bibtex(REFERENCE.model_copy(update={"title": "50% of {x} & _y_ \\ z"}))
    assert r"title = {{50\% of \{x\} \& \_y\_ \textbackslash  z}}" in entry
    unescaped = entry.replace(r"\{", "").replace(r"\}", "")
    assert unescaped.count("{") == unescaped.count("}")
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
