"""A small record in which one position is repeated, changes its wording and is joined by other things."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

STANCE = "China firmly opposes the sale of advanced weapons to the Taiwan region by the United States."
CHANGED = "China strongly deplores the sale of advanced weapons to the Taiwan region by the United States."
OTHER = "The herd of wild elephants in Yunnan is healthy and local people look after it with great care."
ASIDE = "As I said just now, "
EMPTY = "China's position on arms sales to Taiwan is consistent and clear."
SAID: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "2019-01-10",
        "Lu Kang",
        (("Reuters", "What is your comment on US arms sales to Taiwan?", STANCE),),
    ),
    ("2019-03-12", "Geng Shuang", (("AFP", "Will the arms sales to Taiwan go ahead?", f"{ASIDE}{STANCE}"),)),
    ("2019-03-14", "Geng Shuang", (("AFP", "Again on the arms sales to Taiwan, any comment?", EMPTY),)),
    (
        "2019-04-02",
        "Lu Kang",
        (("Kyodo", "Do the wild elephants in Yunnan have enough food in winter?", OTHER),),
    ),
    (
        "2019-07-09",
        "Lu Kang",
        (
            ("NHK", "How do you respond to the new arms sales to Taiwan?", CHANGED),
            (
                "AFP",
                "Were <b>elephants</b> seen in Yunnan near the villages of tea growers?",
                "They were seen, and nobody was hurt.",
            ),
        ),
    ),
)
"""Day, spokesperson and (outlet, question, answer)."""


def write_history(folder: Path) -> Path:
    """The record as files of our text format."""
    folder.mkdir(parents=True, exist_ok=True)
    for date, speaker, exchanges in SAID:
        day = dt.date.fromisoformat(date)
        lines = [
            f"Title: Spokesperson {speaker}'s Regular Press Conference on {day:%B} {day.day}, {day.year}",
            f"Date: {date}",
            f"Speaker: {speaker}",
            f"URL: https://www.example.org/{date}.shtml",
            "",
        ]
        for outlet, question, answer in exchanges:
            lines += [f"{outlet}: {question}", "", f"{speaker}: {answer}", ""]
        (folder / f"{date}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder
