"""Pages of every layout as bad editing could leave them: who spoke, and that nothing of a page is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from corpus_pages import CHINESE_PATH, ENGLISH_PATH, chinese, current, current_chinese, english, read

PAGES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "made_up_pages.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page['layout']}-{page['name']}")
def test_made_up_page(page: dict[str, Any]) -> None:
    body, title = page["body"], page["title"]
    data, path = {
        "current": lambda: (current(body, title, page["published"]), "eng/xw/fyrbt/lxjzh/202609/{name}.html"),
        "current-zh": lambda: (current_chinese(body, title), "web/fyrbt_673021/202609/{name}.shtml"),
        "archive": lambda: (english(body, title), ENGLISH_PATH),
        "archive-zh": lambda: (chinese(body, title), CHINESE_PATH),
    }[page["layout"]]()
    transcript = read(data, "t20260930_11720001", path)
    text = transcript.text
    found = [
        [
            one.asked_by,
            text[one.question.start : one.question.end] if one.question else None,
            text[one.answer.start : one.answer.end],
            one.speaker,
        ]
        for one in transcript.exchanges
    ]
    assert found == page["exchanges"]
    assert str(transcript.date) == page["date"]
