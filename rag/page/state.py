"""Who reads and what is on screen: the session's few values and the address that names them."""

from __future__ import annotations

import datetime as dt
import re
from typing import NoReturn

import streamlit as st

from rag.page.conversations import new_id
from rag.page.engine import Engine
from rag.page.timeline import read_bin
from rag.page.turns import Turn
from rag.types import Filters, Period

FILTERS = ("from", "to", "speaker", "outlet", "language", "institution")
"""Names of the filters in the address."""
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


def reader() -> str:
    """The reader's identifier: from the cookie of an earlier visit, or new."""
    if "reader" not in st.session_state:
        cookie = st.context.cookies.get("onrecord_reader", "")
        st.session_state.reader = cookie if _ID.fullmatch(cookie) else new_id()
    return str(st.session_state.reader)


def conversation() -> str | None:
    """The conversation on screen: the session's, or at first the one the address names."""
    if "conversation" not in st.session_state:
        named = st.query_params.get("c", "")
        st.session_state.conversation = named if _ID.fullmatch(named) else None
    value: str | None = st.session_state.conversation
    return value


def show_conversation(conversation_id: str | None) -> None:
    """Put another conversation, or a new one, on screen."""
    st.session_state.conversation = conversation_id


def to_the_chat() -> NoReturn:
    """Draw the conversation, from whichever part of the page. The filters in the address stay."""
    here = conversation()
    # Only what no field is bound to: the fields put themselves into the address again.
    st.switch_page(st.session_state.chat_page, query_params={"c": here} if here else {})


def keep_address() -> None:
    """Let the address name the conversation on screen. The open citation and the filters keep themselves there."""
    wanted = conversation()
    if st.query_params.get("c") != wanted:
        if wanted:
            st.query_params["c"] = wanted
        else:
            st.query_params.pop("c", None)


def filters_in_force() -> Filters:
    """The filters of the side bar."""
    first, last = st.session_state.get("from"), st.session_state.get("to")
    if first and last and last < first:
        first, last = last, first
    return Filters(
        period=Period(first=first, last=last) if first or last else None,
        speaker=st.session_state.get("speaker"),
        asked_by=st.session_state.get("outlet"),
        language=st.session_state.get("language"),
        institution=st.session_state.get("institution"),
    )


def choose_period(name: str) -> None:
    """In a callback: set the filters From and To to a bar of a chart (`2019`, `2019-05`); to none for another name."""
    period = read_bin(name)
    st.session_state["from"] = period.first if period else None
    st.session_state["to"] = period.last if period else None


def ask(engine: Engine, question: str) -> None:
    """Start answering a question in the conversation on screen; somebody else's is copied first."""
    question = question.strip()
    if not question:
        return
    here = conversation()
    owner = engine.conversations.owner(here) if here else None
    if here is None or owner is None:
        here = new_id()
    elif owner != reader():
        here = engine.conversations.copy(here, reader())
    show_conversation(here)
    turn = Turn(
        id=new_id(),
        conversation=here,
        question=question,
        filters=filters_in_force(),
        asked_at=dt.datetime.now(dt.UTC),
    )
    engine.ask(turn, reader())
    st.session_state.asked = turn.id
