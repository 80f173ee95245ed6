"""The page's own Streamlit components: what native elements cannot do. They draw JSON as text nodes, never as markup.

`turn` shows a question and its growing answer with citation chips; `panel` shows the source beside the chat and is
opened by a chip without a round trip to the server; `choices` is a list of buttons whose labels may be anybody's text;
`bars` is a chart whose bars are buttons; `position` shows wordings and what changed in them.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _script(name: str) -> str:
    return _asset("shared.js") + "\n" + _asset(name)


_CSS = _asset("page.css") + _asset("explore.css")

turn = st.components.v2.component("onrecord_turn", css=_CSS, js=_script("turn.js"), isolate_styles=False)
panel = st.components.v2.component("onrecord_panel", css=_CSS, js=_script("panel.js"), isolate_styles=False)
choices = st.components.v2.component("onrecord_choices", css=_CSS, js=_script("choices.js"), isolate_styles=False)
bars = st.components.v2.component("onrecord_bars", css=_CSS, js=_script("bars.js"), isolate_styles=False)
position = st.components.v2.component("onrecord_position", css=_CSS, js=_script("position.js"), isolate_styles=False)
