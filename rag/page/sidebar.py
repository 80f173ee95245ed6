"""The side bar: filters, the reader's conversations, and what the server is doing."""

from __future__ import annotations

import streamlit as st

from rag.corpus.language import language_name
from rag.page import adding, components
from rag.page.archive import Archive
from rag.page.citing import day
from rag.page.engine import Engine
from rag.page.state import conversation, reader, show_conversation, to_the_chat
from rag.page.turns import Conversation

_SEARCH_FROM = 6
"""So many conversations make a field to search them worth its room."""


def show(engine: Engine, archive: Archive | None) -> None:
    """Draw the side bar."""
    with st.sidebar:
        here = conversation()
        if st.button("New conversation", width="stretch", disabled=here is None, key="new-conversation"):
            show_conversation(None)
            to_the_chat()
        if archive is not None and archive.sources:
            _filters(archive)
        _conversations(engine, here)
        _server(engine)
        adding.status(engine)


def _filters(archive: Archive) -> None:
    coverage = archive.coverage
    st.subheader("Search only", anchor=False)
    if coverage.first and coverage.last:
        for label, key in (("From", "from"), ("To", "to")):
            st.date_input(
                label,
                value=None,
                min_value=coverage.first.replace(month=1, day=1),
                max_value=coverage.last.replace(month=12, day=31),
                key=key,
                format="DD/MM/YYYY",
                bind="query-params",
            )
    if coverage.speakers:
        st.selectbox(
            "Spokesperson",
            [name for name, _ in coverage.speakers],
            index=None,
            key="speaker",
            placeholder="Anyone",
            bind="query-params",
        )
    if archive.outlets:
        st.selectbox(
            "Asked by", archive.outlets, index=None, key="outlet", placeholder="Any outlet", bind="query-params"
        )
    if len(archive.languages) > 1:
        st.selectbox(
            "Language",
            archive.languages,
            index=None,
            format_func=language_name,
            key="language",
            placeholder="That of the question",
            bind="query-params",
        )
    if len(archive.institutions) > 1:
        st.selectbox(
            "Institution", archive.institutions, index=None, key="institution", placeholder="Any", bind="query-params"
        )


def _conversations(engine: Engine, here: str | None) -> None:
    mine = engine.conversations.of_reader(reader())
    on_screen = next((item for item in mine if item.id == here), None)
    if mine:
        st.subheader("Conversations", anchor=False)
    if len(mine) >= _SEARCH_FROM:
        sought = st.text_input("Search conversations", placeholder="Search", label_visibility="collapsed")
        if sought:
            mine = engine.conversations.of_reader(reader(), sought)
            if not mine:
                st.text("No conversation holds these words.")
    if mine:
        chosen = components.choices(
            key="conversations",
            data={
                "label": "Conversations",
                "look": "list",
                "opens": False,
                "items": [
                    {"id": item.id, "label": item.title, "detail": day(item.updated.date()), "current": item.id == here}
                    for item in mine
                ],
            },
            on_chosen_change=lambda: None,
        )
        if chosen.chosen:
            show_conversation(str(chosen.chosen))
            to_the_chat()
    if on_screen:
        _manage(engine, on_screen)
    if not engine.conversations.kept:
        st.text(
            "Conversations cannot be written to the disk: it is full, or the folder of the index is read-only. "
            "They are kept only until the server stops."
        )


def _manage(engine: Engine, shown: Conversation) -> None:
    with st.popover("Rename or delete", width="stretch"):
        # It also says which conversation this is: while another one is being drawn, it is still the one before.
        title = st.text_input("Title", value=shown.title, key=f"title-{shown.id}")
        if st.button("Rename", width="stretch", key=f"rename-{shown.id}") and title.strip():
            engine.conversations.rename(shown.id, title)
            st.rerun()
        if st.button("Delete this conversation", width="stretch", key=f"delete-{shown.id}"):
            engine.conversations.delete(shown.id)
            show_conversation(None)
            st.rerun()


@st.fragment(run_every=2)
def _loading(engine: Engine) -> None:
    if engine.loading:
        st.text(engine.loading)
    else:
        st.rerun()


def _server(engine: Engine) -> None:
    if engine.loading:
        _loading(engine)
    elif engine.model_trouble:
        st.subheader("Language model", anchor=False)
        st.text(engine.model_trouble)
