"""Position over time and the timeline it stands on, with the real embedding model."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from history import CHANGED, OTHER, STANCE, write_history

from rag.config import Settings
from rag.position import Position, position
from rag.retrieval.timeline import addressing, timeline
from rag.retrieval.understand import understand
from rag.types import Filters, Period

if TYPE_CHECKING:
    from rag.indexing.embedding import Encoder
    from rag.indexing.store import Index

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Index:
    from rag.indexing.build import build
    from rag.indexing.store import open_index

    folder = tmp_path_factory.mktemp("history")
    settings = Settings(index=folder / "index", corpus=write_history(folder / "corpus"))
    build(settings, encoder)
    return open_index(settings)


@pytest.fixture(scope="module")
def arms_sales(history: Index, encoder: Encoder) -> Position:
    return position("arms sales to Taiwan", index=history, encoder=encoder)


def test_the_same_words_are_one_wording_with_all_their_days(arms_sales: Position) -> None:
    (line,) = [line for line in arms_sales.lines if STANCE in line.wordings[0].text]
    first, changed = line.wordings
    assert [citation.date for citation in first.occasions] == [dt.date(2019, 1, 10), dt.date(2019, 3, 12)]
    assert [citation.date for citation in changed.occasions] == [dt.date(2019, 7, 9)]
    assert (line.occasions, line.first, line.last) == (3, dt.date(2019, 1, 10), dt.date(2019, 7, 9))


def test_what_changed_is_told_word_by_word(arms_sales: Position) -> None:
    (line,) = [line for line in arms_sales.lines if STANCE in line.wordings[0].text]
    changes = line.wordings[1].changes
    assert [change.text.strip() for change in changes if change.kind == "removed"] == ["firmly opposes"]
    assert "".join(change.text for change in changes if change.kind != "removed") == CHANGED


def test_what_says_nothing_is_counted_and_left_out(arms_sales: Position) -> None:
    assert arms_sales.empty == {"boilerplate": 1}
    assert "consistent and clear" not in arms_sales.model_dump_json(include={"lines"})


def test_every_wording_is_a_quote_from_its_place(arms_sales: Position, history: Index) -> None:
    citations = [c for line in arms_sales.lines for wording in line.wordings for c in wording.occasions]
    assert [citation.n for citation in citations] == list(range(1, len(citations) + 1))
    for citation in citations:
        assert history.transcript(citation.transcript).text[citation.start : citation.end] == citation.quote


def test_the_timeline_counts_the_topic_and_nothing_else(arms_sales: Position) -> None:
    when = arms_sales.timeline
    assert {month.first: month.exchanges for month in when.months if month.exchanges} == {
        dt.date(2019, 1, 1): 1,
        dt.date(2019, 3, 1): 2,
        dt.date(2019, 7, 1): 1,
    }
    assert len(when.months) == 7
    assert (when.first, when.last, when.conferences) == (dt.date(2019, 1, 10), dt.date(2019, 7, 9), 4)
    assert OTHER not in arms_sales.model_dump_json()


def test_filters_limit_it(history: Index, encoder: Encoder) -> None:
    filters = Filters(period=Period(first=dt.date(2019, 3, 1), last=dt.date(2019, 3, 31)), speaker="Geng Shuang")
    found = position("arms sales to Taiwan", index=history, encoder=encoder, filters=filters)
    assert found.timeline.exchanges == 2
    assert found.searched.transcripts == 2


def test_a_topic_that_nobody_spoke_of_has_no_position(history: Index, encoder: Encoder) -> None:
    found = position("the price of coffee in Brazil", index=history, encoder=encoder)
    assert (found.lines, found.timeline.exchanges, found.first) == ((), 0, None)


def test_the_nearest_exchange_comes_first(history: Index, encoder: Encoder) -> None:
    query = understand("wild elephants in Yunnan", (), Filters(), history)
    found = addressing(query, history, encoder)
    assert found.addressed[0].date == dt.date(2019, 4, 2)
    assert found.addressed[0].bearing == 1.0
    assert timeline(found.addressed, history).conferences == 2
