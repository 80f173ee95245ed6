"""Every conference by date; choosing one opens it in the panel."""

from __future__ import annotations

import streamlit as st

from rag.page import components
from rag.page.archive import Archive
from rag.page.citing import day
from rag.page.places import Place
from rag.page.state import filters_in_force
from rag.types import Filters, Source


def show(archive: Archive) -> None:
    """Draw the list under the side bar's filters, one month at a time."""
    st.header("Conferences", anchor=False)
    filters = filters_in_force()
    asked = _asked_by(archive, filters.asked_by)
    sources = [
        source
        for source in archive.sources
        if _passes(source, filters) and (asked is None or source.transcript in asked)
    ]
    months: dict[str, list[Source]] = {}
    for source in sources:
        months.setdefault(f"{source.date:%B %Y}" if source.date else "Undated", []).append(source)
    if not months:
        st.text("No conference of the index passes the filters.")
        return
    month = st.selectbox("Month", list(months), key="month", bind="query-params")
    shown = months.get(month) or next(iter(months.values()))
    st.text(f"{len(shown):,} of {len(sources):,}")
    components.choices(
        key="conferences",
        data={
            "label": "Conferences",
            "look": "list",
            "opens": True,
            "items": [
                {
                    "id": str(Place(transcript=source.transcript)),
                    "label": source.title,
                    "detail": " · ".join(part for part in (day(source.date), source.speaker) if part),
                }
                for source in shown
            ],
        },
    )


def _asked_by(archive: Archive, outlet: str | None) -> set[str] | None:
    """Ids of the conferences in which an outlet asked; None when any will do."""
    if outlet is None:
        return None
    return {id.rpartition(".")[0] for id in archive.index.exchange_ids_matching(Filters(asked_by=outlet))}


def _passes(source: Source, filters: Filters) -> bool:
    period = filters.period
    if period and (source.date is None or (period.first and source.date < period.first)):
        return False
    if period and period.last and source.date and source.date > period.last:
        return False
    return filters.speaker in (None, source.speaker)
