"""The screen for adding to the record: files to upload, what is new to fetch, and what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

import streamlit as st

from rag.errors import OnRecordError
from rag.indexing.report import Outcome
from rag.page.adding_job import RUNNING, Added, Adding, Upload
from rag.page.adding_work import FetchOrder
from rag.page.citing import counted
from rag.page.engine import Engine
from rag.types import Period

_POLL_SECONDS = 1.0
_FEW = 8
"""More notes than this are folded away under the one that sums up."""
_LANGUAGES: dict[Literal["en", "zh"], str] = {"en": "English", "zh": "Chinese"}
_FORMATS = (
    "Transcripts as HTML, text, PDF, Word, tables (CSV, XLSX) or JSON lines; several at once, or packed as .zip or "
    ".tar. They are read on this computer and stay on it."
)


def show(engine: Engine) -> None:
    """Draw the screen."""
    adding = engine.adding
    st.header("Add to the record", anchor=False)
    _job(adding)
    trouble = st.session_state.pop("adding_trouble", None)
    if trouble:
        st.text(_text(trouble))
    busy = adding.running
    st.subheader("Your files", anchor=False)
    st.text(_FORMATS)
    # A field with another key is an empty one: what was handed over is not offered again.
    turn = st.session_state.setdefault("uploads", 0)
    files = st.file_uploader("Files", accept_multiple_files=True, key=f"upload-{turn}", label_visibility="collapsed")
    if st.button("Add these files", key="add-files", disabled=busy or not files) and files:
        st.session_state.uploads = turn + 1
        _start(lambda: adding.upload(Upload(file.name, file) for file in files))
    st.subheader("What is new on the ministry’s site", anchor=False)
    st.text(f"Press conferences that {engine.settings.fetch_base} lists and this record lacks. It takes a network.")
    _fetch_form(adding, busy)


def _fetch_form(adding: Adding, busy: bool) -> None:
    language = st.selectbox("Language", list(_LANGUAGES), format_func=_LANGUAGES.__getitem__, key="fetch-language")
    since_at, until_at = st.columns(2)
    with since_at:
        since = _day("Since")
    with until_at:
        until = _day("Until")
    if st.button("Fetch what is new", key="add-fetch", disabled=busy):
        if since and until and until < since:
            since, until = until, since
        _start(lambda: adding.fetch(FetchOrder(language=language, period=Period(first=since, last=until))))


def _day(label: str) -> dt.date | None:
    key = f"fetch-{label.lower()}"
    return st.date_input(label, value=None, min_value=dt.date(1990, 1, 1), format="DD/MM/YYYY", key=key)


def _start(begin: Callable[[], None]) -> None:
    try:
        begin()
    except OnRecordError as error:
        st.session_state.adding_trouble = str(error)
    st.rerun()


def status(engine: Engine) -> None:
    """One line for the side bar while transcripts are being added, and, for who saw that, of how it ended."""
    added = engine.adding.added
    if added and added.state in RUNNING:
        st.session_state.adding_seen = added.id
        _status(engine.adding)
    elif added and st.session_state.get("adding_seen") == added.id:
        st.text(f"Adding transcripts. {_ended(added)}. The list is under Add.")


@st.fragment(run_every=_POLL_SECONDS)
def _status(adding: Adding) -> None:
    added = adding.added
    if added and added.state in RUNNING:
        st.text(f"Adding transcripts. {_how_far(added)}")
    else:
        st.rerun()


def _job(adding: Adding) -> None:
    added = adding.added
    if added:
        polling = added.state in RUNNING
        st.fragment(_show_job, run_every=_POLL_SECONDS if polling else None)(adding, polling)


def _show_job(adding: Adding, polling: bool) -> None:
    """The job that runs or ran last. While `polling`, Streamlit runs this again and again."""
    added = adding.added
    if added is None:
        return
    if polling and added.state not in RUNNING:
        # What has been added belongs on every part of the screen.
        st.rerun()
    with st.container(key="adding"):
        if added.state in RUNNING:
            st.progress(added.done / added.total if added.total else 0.0, text=_how_far(added))
            if st.button("Cancel", key=f"cancel-{added.id}", disabled=added.state == "cancelling"):
                adding.cancel()
                st.rerun(scope="fragment")
        else:
            st.subheader(_ended(added), anchor=False)
        if added.trouble:
            st.text(_text(added.trouble))
        _outcomes(added)


def _how_far(added: Added) -> str:
    if added.state == "cancelling":
        return "Stopping; what is in the index stays."
    if added.stage is None:
        return "Starting."
    if added.stage == "fetching":
        return f"Fetching: {added.done:,} of about {added.total:,} listed." if added.total else "Asking the site."
    return f"Indexing: {added.done:,} of {added.total:,}." if added.total else "Reading the files."


def _ended(added: Added) -> str:
    how = {"done": "Done", "cancelled": "Cancelled", "failed": "Ended early"}[added.state]
    report = added.report
    if not report.inputs:
        return f"{how}: nothing was added."
    counts = f"{report.indexed:,} indexed, {report.unchanged:,} unchanged, {report.skipped:,} skipped"
    return f"{how}: {counts}"


def _outcomes(added: Added) -> None:
    """What the command prints, and below it the inputs of which there is nothing to say."""
    if added.notes:
        # The last one sums up.
        *single, last = map(_text, added.notes)
        st.text(last)
        if len(single) > _FEW:
            with st.expander(f"{len(single):,} pages of the site"):
                st.text("\n".join(single))
        elif single:
            st.text("\n".join(single))
    noted = [outcome for outcome in added.report.outcomes if outcome.detail]
    rest = [outcome for outcome in added.report.outcomes if not outcome.detail]
    lines = [_line(outcome) for outcome in noted] + [f"not reached {_text(name)}" for name in added.left]
    if lines:
        st.text("\n".join(lines))
    if rest:
        with st.expander(f"{counted(len(rest), 'transcript')} added or unchanged"):
            st.text("\n".join(_line(outcome) for outcome in rest))


def _line(outcome: Outcome) -> str:
    detail = f": {outcome.detail}" if outcome.detail else ""
    return _text(f"{outcome.status} {outcome.path}{detail}")


def _text(text: str) -> str:
    from rag.terminal.console import plain

    return " ".join(plain(text).split())
