"""The page: one engine per server, the two views, and the source panel that both share."""

from __future__ import annotations

import streamlit as st

from rag.config import load_settings
from rag.errors import OnRecordError
from rag.page import adding, browse, chat, components, position, sidebar
from rag.page.archive import Archive
from rag.page.engine import Engine, shared_engine
from rag.page.places import Place, read_place
from rag.page.state import conversation, reader
from rag.page.views import View, conference_view, place_view, versions_view

_GONE = "This passage is not in the index that is open on this server."
_EMPTY = (
    "The index holds no transcript. Run `onrecord ingest FILES`, or `onrecord build` for those in the corpus folder."
)
_ASTRAY = "The address does not point at the words of one answer: nothing is highlighted."


def main() -> None:
    """Draw the page for this reader."""
    st.set_page_config(page_title="OnRecord", layout="centered", initial_sidebar_state="auto")
    try:
        engine = shared_engine(load_settings())
    except OnRecordError as error:
        _trouble("The settings cannot be used.", str(error))
        return
    archive: Archive | None = None
    try:
        archive = engine.archive()
        trouble = "" if archive.sources else _EMPTY
    except OnRecordError as error:
        trouble = str(error)

    def ask_page() -> None:
        if archive is None or (trouble and conversation() is None):
            _trouble("There is nothing to ask yet.", trouble)
            if engine.settings.page_adds:
                st.text("Or add transcripts here.")
                adding.show(engine)
        else:
            chat.show(engine, archive, over_time)

    def browse_page() -> None:
        if archive is None:
            _trouble("There is nothing to browse yet.", trouble)
        else:
            browse.show(archive)

    def position_page() -> None:
        if archive is None:
            _trouble("There is nothing to read yet.", trouble)
        else:
            position.show(engine, archive)

    over_time = st.Page(position_page, title="Over time", url_path="position")
    pages = [
        st.Page(ask_page, title="Ask", url_path="ask", default=True),
        over_time,
        st.Page(browse_page, title="Browse", url_path="browse"),
    ]
    if engine.settings.page_adds:
        pages.append(st.Page(lambda: adding.show(engine), title="Add", url_path="add"))
    page = st.navigation(pages, position="top")
    st.session_state.chat_page = pages[0]
    sidebar.show(engine, archive)
    page.run()
    if archive is not None:
        _panel(engine)
    engine.load_models()


def _trouble(heading: str, message: str) -> None:
    """A state in which the page can do nothing but say what mends it; the message is shown as plain text."""
    st.header(heading, anchor=False)
    st.text(message)


@st.fragment
def _panel(engine: Engine) -> None:
    """The source panel. It is opened and closed in the browser; it comes here for what it does not hold yet."""
    components.panel(key="panel", data=_panel_data(engine), on_wanted_change=lambda: None)


def _panel_data(engine: Engine) -> View:
    """What the panel asked for, or at first what the address names; always under the address as it was written."""
    wanted = (st.session_state.get("panel") or {}).get("wanted") or {}
    address = str(wanted.get("place") or st.query_params.get("open", ""))
    data: View = {"reader": reader(), "passage": None, "conference": None, "missing": {}}
    if not address:
        return data
    place = read_place(address)
    located = engine.located(place) if place else None
    if place is None or located is None:
        return data | {"missing": {address: _GONE}}
    transcript = located.transcript
    at = Place(transcript=transcript.id, start=located.start, end=located.end)
    passage = place_view(transcript, at, engine.counterpart) | {"place": address, "note": located.note}
    passage["versions"] = versions_view(located, engine.versions(transcript.id))
    exchange = passage["exchange"]
    return data | {
        "passage": passage,
        "conference": conference_view(transcript) if wanted.get("whole") or exchange is None else None,
        "missing": {address: _ASTRAY} if exchange is None and place.start != place.end else {},
    }
