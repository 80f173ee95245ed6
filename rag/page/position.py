"""Position over time: a topic's statements in order of time, each wording once, and what changed in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

import streamlit as st

from rag.errors import OnRecordError
from rag.page import components
from rag.page.archive import Archive
from rag.page.citing import counted, day
from rag.page.engine import Engine
from rag.page.places import Place
from rag.page.state import choose_period, filters_in_force
from rag.page.timeline import addressed, timeline_view
from rag.page.views import View, filter_facts, place_view, searched_fact, understood_notes
from rag.position import LINES, Line, Position, Wording
from rag.retrieval.wording import Change, word_diff
from rag.types import AnswerSpan, Citation

_EVERYTHING = 10_000
_AT_HAND = 200
"""Most passages that are sent with the statements, so that each opens at once; with more, the panel asks for them."""
_BEGINNING = 60
"""Characters of a statement by which it is chosen."""
_COMPARED = {"was": "Compare what was said on", "now": "with what was said on"}
"""Names in the address of the two statements that are compared, with their labels."""


def show(engine: Engine, archive: Archive) -> None:
    """Draw the field for the topic and, below it, what was said on it."""
    st.header("Position over time", anchor=False)
    topic = st.text_input("Topic", key="topic", placeholder="For example: South China Sea", bind="query-params")
    if not (topic or "").strip():
        st.text("What was said on a topic, in order of time: each wording once, with its days, and what changed in it.")
        _topics(archive)
    elif not engine.searchable:
        _wait(engine)
    else:
        _show_position(engine, archive, str(topic))


def _topics(archive: Archive) -> None:
    if not archive.topics:
        return
    st.subheader("Topics to begin with", anchor=False)
    components.choices(
        key="topics",
        data={
            "label": "Topics",
            "look": "examples",
            "opens": False,
            "items": [{"id": topic, "label": topic} for topic in archive.topics],
        },
        on_chosen_change=_take_topic,
    )


def _take_topic() -> None:
    st.session_state.topic = str(st.session_state.topics.chosen)


@st.fragment(run_every=1)
def _wait(engine: Engine) -> None:
    if engine.searchable:
        st.rerun()
    st.text(engine.loading or "The embedding model is loading.")


def _show_position(engine: Engine, archive: Archive, topic: str) -> None:
    filters = filters_in_force()
    everything = st.query_params.get("all") == "1"
    try:
        with st.spinner("Reading the record…"):
            found = engine.position(topic, filters, _EVERYTHING if everything else LINES)
    except OnRecordError as error:
        st.text(str(error))
        return
    if found is None:
        return
    if not found.timeline.exchanges:
        st.text(f"Nothing on record bears on this topic. {searched_fact(found.searched)}.")
        return
    components.bars(
        key="position-months",
        data=timeline_view(found.timeline, period=filters.period, action="choose for this period only"),
        on_chosen_change=lambda: choose_period(str(st.session_state["position-months"].chosen)),
    )
    compared = _choose_compared(found, topic)
    components.position(key="position", data=position_view(found, archive) | {"compared": compared})
    if found.left_out or everything:
        label = "Show the nearest lines only" if everything else f"Show {counted(found.left_out, 'more line')}"
        st.button(label, on_click=_toggle_all, args=(not everything,))


def _choose_compared(found: Position, topic: str) -> View | None:
    """Two fields to choose a statement each, and what changed from one to the other once both are chosen."""
    said = {str(_place(citation)): citation for citation in _occasions(found)}
    if len(said) < 2:
        for name in _COMPARED:
            _keep_in_address(name, None)
        return None
    beginnings = Counter(_beginning(citation) for citation in said.values())
    chosen: list[Citation] = []
    # Not in an expander: it opens by scrolling within itself, and a list of choices closes when something scrolls.
    for (name, label), column in zip(_COMPARED.items(), st.columns(2), strict=True):
        key = f"{name}-{topic}"
        # By the session, not by `index`: a field whose default changes with every choice is another field.
        st.session_state.setdefault(key, _named(name, said))
        place = column.selectbox(
            label,
            list(said),
            index=None,
            format_func=lambda place: _choice(said[place], beginnings),
            placeholder="A day and its words",
            filter_mode="contains",
            key=key,
        )
        _keep_in_address(name, place)
        chosen += [said[place]] if place else []
    if len(chosen) < 2:
        return None
    was, now = chosen
    return {
        "was": _occasion_view(was),
        "now": _occasion_view(now),
        "changes": [_change_view(change) for change in word_diff(was.quote, now.quote)],
    }


def _named(name: str, said: Mapping[str, Citation]) -> str | None:
    place = st.query_params.get(name)
    return place if place in said else None


def _keep_in_address(name: str, place: str | None) -> None:
    if st.query_params.get(name) == place:
        return
    if place:
        st.query_params[name] = place
    else:
        st.query_params.pop(name, None)


def _occasions(found: Position) -> list[Citation]:
    """Every occasion of every line, in order of time."""
    said = [citation for line in found.lines for wording in line.wordings for citation in wording.occasions]
    return sorted(said, key=lambda citation: (citation.date or dt.date.min, citation.n))


def _choice(citation: Citation, beginnings: Counter[str]) -> str:
    """By what a statement is chosen: two that begin alike are written out, since no two choices may read the same."""
    beginning = _beginning(citation)
    return beginning if beginnings[beginning] == 1 else f"{day(citation.date)}: {' '.join(citation.quote.split())}"


def _beginning(citation: Citation) -> str:
    words = " ".join(citation.quote.split())
    cut = words if len(words) <= _BEGINNING else f"{words[:_BEGINNING].rstrip()}…"
    return f"{day(citation.date)}: {cut}"


def _place(citation: Citation) -> Place:
    return Place(transcript=citation.transcript, start=citation.start, end=citation.end)


def _toggle_all(everything: bool) -> None:
    if everything:
        st.query_params["all"] = "1"
    else:
        st.query_params.pop("all", None)


def position_view(found: Position, archive: Archive) -> View:
    """What the component draws."""
    lines = [_line_view(line) for line in found.lines]
    left = [f"{counted(found.left_out, 'line')} less near to the topic"] if found.left_out else []
    left += [f"{number:,} {_EMPTY[kind]}" for kind, number in found.empty.items()]
    return {
        "addressed": addressed(found.timeline).partition(",")[0],
        "first": _span_view(found.first, archive),
        "last": _span_view(found.last, archive),
        "lines": lines,
        "places": [place["place"] for line in lines for wording in line["wordings"] for place in wording["occasions"]],
        "passages": _passages(found, archive),
        "left": f"Left out: {', '.join(left)}." if left else None,
        "notes": understood_notes(found.understood),
        "facts": [searched_fact(found.searched), *filter_facts(found.understood.filters)],
    }


def _passages(found: Position, archive: Archive) -> list[View]:
    """What the panel shows of each statement."""
    said = _occasions(found)
    if len(said) > _AT_HAND:
        return []
    held = [(archive.transcript(citation.transcript), _place(citation)) for citation in said]
    return [place_view(transcript, place, archive.counterpart) for transcript, place in held if transcript]


_EMPTY = {
    "declined": "that gave no answer",
    "boilerplate": "that say nothing (“our position is clear”)",
    "rhetoric": "made of questions only",
}


def _line_view(line: Line) -> View:
    wordings = line.wordings
    said = f"on {line.occasions:,} occasions" if line.occasions > 1 else ""
    if line.occasions > 1 and len(wordings) > 1:
        said += f", {len(wordings):,} wordings"
    overall = word_diff(wordings[0].text, wordings[-1].text) if len(wordings) > 2 else ()
    return {
        "when": day(line.first) if line.first == line.last else f"{day(line.first)} – {day(line.last)}",
        "said": said,
        "wordings": [_wording_view(wording) for wording in wordings],
        "overall": [_change_view(change) for change in overall],
    }


def _wording_view(wording: Wording) -> View:
    return {
        "text": wording.text,
        "changes": [_change_view(change) for change in wording.changes],
        "occasions": [_occasion_view(citation) for citation in wording.occasions],
    }


def _change_view(change: Change) -> View:
    return {"kind": change.kind, "text": change.text}


def _occasion_view(citation: Citation) -> View:
    label = ", ".join(part for part in (day(citation.date), citation.speaker) if part)
    return {"place": str(_place(citation)), "label": label}


def _span_view(span: AnswerSpan | None, archive: Archive) -> View | None:
    if span is None:
        return None
    place = Place(transcript=span.transcript, start=span.start, end=span.end)
    return {"place": str(place), "label": day(archive.index.source(span.transcript).date)}
