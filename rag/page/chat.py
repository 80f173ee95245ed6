"""The conversation: questions, growing answers, and the first screen when there is none yet."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from rag.page import components, exports
from rag.page.archive import Archive
from rag.page.citing import counted
from rag.page.engine import Engine
from rag.page.state import FILTERS, ask, choose_period, conversation, filters_in_force, keep_address
from rag.page.timeline import addressed, months_view, rows_view, timeline_view
from rag.page.turns import THUMBS, UNFINISHED, Thumb, Turn
from rag.page.views import conferences_found, told_fact, turn_view
from rag.retrieval.timeline import Timeline

_POLL_SECONDS = 0.4
_SPEAKERS_SHOWN = 8


def show(engine: Engine, archive: Archive, over_time: st.Page) -> None:
    """Draw the conversation on screen and the field for the next question; `over_time` is the page of positions."""
    keep_address()
    here = conversation()
    turns = engine.turns(here) if here else ()
    above = st.container()
    # In a container of its own: Streamlit's bottom bar would scroll the answer away under the reader. Its place is the
    # same whatever stands above, so that it is not drawn anew and what is being typed stays.
    with st.container(key="ask"):
        st.chat_input("Ask what was said about…", key="question", on_submit=_submit, args=(engine,))
    with above:
        if turns:
            # In the place of the first screen, which is gone at once: else it would be pushed aside until all is drawn.
            st.empty()
        else:
            with st.container():
                if here:
                    st.info("The conversation of this address is not kept on this server.")
                _first_screen(engine, archive)
        for turn in turns:
            polling = turn.state in UNFINISHED
            st.fragment(_show_turn, run_every=_POLL_SECONDS if polling else None)(
                engine, turn.id, polling, over_time, turn is turns[-1]
            )


def _submit(engine: Engine) -> None:
    ask(engine, st.session_state.question or "")


def _show_turn(engine: Engine, turn_id: str, polling: bool, over_time: st.Page, newest: bool) -> None:
    """One question and its answer. While `polling`, Streamlit runs this again and again."""
    turn = engine.turn(turn_id)
    if turn is None:
        return
    key = f"turn-{_for_key(turn_id)}"
    result = components.turn(
        key=key,
        data=turn_view(
            turn,
            engine.transcript,
            engine.counterpart,
            status=_status(engine, turn),
            reveal=st.session_state.get("asked") == turn_id,
        ),
        on_stop_change=lambda: engine.jobs.stop(turn_id),
        on_ask_change=lambda: None,
    )
    if result.ask:
        ask(engine, str(result.ask))
        st.rerun()
    if polling and turn.state not in UNFINISHED:
        st.rerun()
    if turn.surroundings and turn.surroundings.timeline.exchanges:
        _timeline(engine, turn, turn.surroundings.timeline, newest)
    if turn.state in {"done", "stopped"}:
        _afterwards(engine, turn, over_time)


def _for_key(turn_id: str) -> str:
    """An identifier as a component's key may hold it: Streamlit refuses `__`, which earlier versions put into some."""
    return turn_id.replace("_", ".")


def _timeline(engine: Engine, turn: Turn, line: Timeline, newest: bool) -> None:
    """When the topic was addressed; a bar asks again for its month."""
    key = f"when-{_for_key(turn.id)}"
    period = turn.filters.period
    more = {"summary": addressed(line), "folds": True, "open": newest, "action": "ask for this month only"}
    result = components.bars(
        key=key,
        data=timeline_view(line, period=period, **more),
        on_chosen_change=lambda: choose_period(str(st.session_state[key].chosen)),
    )
    if result.chosen:
        ask(engine, turn.question)
        st.rerun()


def _status(engine: Engine, turn: Turn) -> str | None:
    """What is being waited for, as precisely as is known; of an answer that is there, what it is made of."""
    if turn.state not in UNFINISHED:
        return told_fact(turn.answer) if turn.answer else None
    ahead = engine.jobs.ahead(turn.id)
    others = f" The model is shared with {counted(ahead, 'earlier question')}." if ahead else ""
    if turn.state == "waiting":
        return f"Waiting.{others}"
    if turn.answer is None or not turn.answer.evidence:
        return f"Searching.{others}" if engine.searchable else engine.loading
    found = counted(len(turn.answer.evidence), "passage")
    if not (turn.answer.pending or turn.answer.sentences):
        # Listed before the embedding model had loaded.
        return f"{found} found by their words so far. {'Searching.' if engine.searchable else engine.loading}{others}"
    if engine.loading:
        return f"{found} found. {engine.loading}{others}"
    conferences = counted(conferences_found(turn.answer.evidence), "conference")
    left = f"{turn.answer.pending} still to be put into words" if turn.answer.pending else "finishing"
    return f"{found} found in {conferences}; {left}.{others}"


def _afterwards(engine: Engine, turn: Turn, over_time: st.Page) -> None:
    """Saving the answer, going on to the position over time, and saying what the answer was worth."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"after-{turn.id}"):
        with st.popover("Save"):
            for form in exports.FORMS:
                st.download_button(
                    form.label,
                    data=partial(form.make, turn),
                    file_name=exports.save_name(turn.question, form.ending),
                    mime=form.mime,
                    key=f"save-{form.ending}-{turn.id}",
                    on_click="ignore",
                    width="stretch",
                )
        if turn.answer and not turn.answer.refused:
            topic = turn.answer.understood.topic
            kept = {key: st.query_params[key] for key in FILTERS if key in st.query_params}
            st.page_link(over_time, label="Position over time", query_params={**kept, "topic": topic.strip(" ?!.")})
        thumb = st.feedback("thumbs", key=f"thumb-{turn.id}", default=THUMBS.index(turn.thumb) if turn.thumb else None)
        given: Thumb | None = None if thumb is None else THUMBS[thumb]
        reason = turn.reason
        if given is not None:
            reason = st.text_input(
                "Why?",
                value=turn.reason or "",
                key=f"why-{turn.id}",
                placeholder="Why? (optional)",
                max_chars=500,
                label_visibility="collapsed",
            )
        if (given, reason or None) != (turn.thumb, turn.reason):
            engine.conversations.rate(turn.id, given, reason or None)


def _first_screen(engine: Engine, archive: Archive) -> None:
    """Coverage, and questions that the index can answer."""
    coverage = archive.coverage
    st.header("What was said, on the record", anchor=False)
    st.text(
        "Answers are put together from spokespersons’ own statements. Every sentence carries the numbers of the words "
        "it rests on; a number opens the transcript at those words."
    )
    if archive.examples:
        st.subheader("Questions to begin with", anchor=False)
        chosen = components.choices(
            key="examples",
            data={
                "label": "Example questions",
                "look": "examples",
                "opens": False,
                "items": [{"id": question, "label": question} for question in archive.examples],
            },
            on_chosen_change=lambda: None,
        )
        if chosen.chosen:
            ask(engine, str(chosen.chosen))
            st.rerun()
    st.subheader("In the index", anchor=False)
    st.text("\n".join(line for line in (coverage.sentence(), coverage.newest(dt.date.today())) if line))
    filters = filters_in_force()
    if len(coverage.months) > 1:
        components.bars(
            key="months",
            data=months_view(
                coverage.months,
                "conference",
                label="Conferences by month",
                title="Conferences by month",
                period=filters.period,
                action="search only then",
                clear="All dates" if filters.period else None,
            ),
            on_chosen_change=lambda: choose_period(str(st.session_state.months.chosen)),
        )
    if coverage.speakers:
        components.bars(
            key="speakers",
            data=rows_view(
                coverage.speakers[:_SPEAKERS_SHOWN],
                "conference",
                label="Conferences by spokesperson",
                title="Conferences by spokesperson",
                chosen=filters.speaker,
            ),
            on_chosen_change=_choose_speaker,
        )


def _choose_speaker() -> None:
    """Search only what this spokesperson said; a second time, anybody."""
    name = str(st.session_state.speakers.chosen)
    st.session_state["speaker"] = None if st.session_state.get("speaker") == name else name
