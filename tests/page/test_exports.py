from __future__ import annotations

import io
import json
from itertools import pairwise

from docx import Document

from rag.page.exports import FORMS, save_name, to_docx, to_json, to_markdown

from .conftest import QUOTE


def test_markdown_holds_sentences_quotes_and_places(turn):
    text = to_markdown(turn)
    assert r"Ada Ames said that China was opposed to it\. [1]" in text
    assert r"> “China is opposed to it\.”" in text
    assert "characters" in text
    assert r"Index\: index\.7" in text


def test_a_verbatim_sentence_says_who_said_it_when(turn):
    sentence = turn.answer.sentences[0].model_copy(update={"label": "quote", "text": QUOTE})
    quoting = turn.model_copy(update={"answer": turn.answer.model_copy(update={"sentences": (sentence,)})})
    assert r"Ada Ames, 23 May 2019\: “China is opposed to it\.” [1]" in to_markdown(quoting)


def test_markdown_escapes_what_would_be_markup(turn):
    hostile = turn.model_copy(update={"question": "<script>alert(1)</script> [x](javascript:1)"})
    assert r"# \<script\>alert\(1\)\<\/script\> \[x\]\(javascript\:1\)" in to_markdown(hostile)


def test_markdown_is_read_as_words_only(turn):
    from markdown_it import MarkdownIt

    hostile = (
        "<script>alert(1)</script> ![i](u) [x](javascript:1)\n# y\n\n1. z | `c` {\\} ~~s~~ https://e.org &amp; 外交部"
    )
    sentence = turn.answer.sentences[0].model_copy(update={"text": hostile})
    answer = turn.answer.model_copy(update={"sentences": (sentence,)})
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(
        to_markdown(turn.model_copy(update={"answer": answer, "question": hostile}))
    )
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    assert kinds == {"heading", "paragraph", "blockquote", "inline", "hr"}
    inside = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inside} <= {"text", "text_special", "softbreak", "hardbreak"}
    (heading,) = (after for token, after in pairwise(tokens) if token.type == "heading_open" and token.tag == "h1")
    assert "".join(child.content for child in heading.children) == " ".join(hostile.split())


def test_json_holds_the_answer_and_what_it_was_made_from(turn):
    record = json.loads(to_json(turn))
    assert record["answer"]["citations"][0]["quote"] == QUOTE
    assert record["answer"]["searched"]["from"] == "2019-05-23"
    assert record["answer"]["index"] == "index.7"
    assert record["asked_at"] == "2026-01-02T03:04:00+00:00"


def test_docx_opens_and_holds_the_quote(turn):
    hostile = turn.model_copy(update={"question": "a\x00b\x1b <b>"})
    paragraphs = [paragraph.text for paragraph in Document(io.BytesIO(to_docx(hostile))).paragraphs]
    assert paragraphs[0] == "ab <b>"
    assert f"“{QUOTE}”" in paragraphs


def test_a_refusal_can_be_saved(turn):
    refusal = turn.answer.model_copy(update={"sentences": (), "citations": (), "refused": True, "reason": "No match."})
    for form in FORMS:
        assert form.make(turn.model_copy(update={"answer": refusal}))


def test_file_names_are_safe():
    assert save_name("What about ../../etc/passwd?", "md") == "what-about-etc-passwd.md"
    assert save_name("???", "json") == "answer.json"
