"""A finished answer as a file: Markdown, JSON or DOCX, with its quotes and where they stand."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from typing import NamedTuple

from rag.page.citing import Reference, day, markdown_text, plain
from rag.page.turns import Turn
from rag.page.views import filter_facts, searched_fact
from rag.types import Answer, Citation, Sentence

_XML_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def save_name(question: str, ending: str) -> str:
    """A file name made from the question, safe on every system."""
    words = re.findall(r"\w+", question.lower())[:8]
    return f"{'-'.join(words)[:60] or 'answer'}.{ending}"


def to_json(turn: Turn) -> str:
    """The `Answer` record with the question, the filters and when it was asked."""
    record = {
        "question": turn.question,
        "asked_at": turn.asked_at.isoformat(),
        "filters": turn.filters.model_dump(mode="json"),
        "answer": turn.answer.model_dump(mode="json", by_alias=True) if turn.answer else None,
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def to_markdown(turn: Turn) -> str:
    """Heading, sentences with their numbers, quotes, and what was searched. All text escaped."""
    lines = [f"# {markdown_text(_flat(turn.question))}", ""]
    for text, numbers in _sentences(turn.answer):
        lines += [f"{markdown_text(text)} {numbers}".rstrip(), ""]
    citations = turn.answer.citations if turn.answer else ()
    if citations:
        lines += ["## Quotes", ""]
    for citation in citations:
        quote = "\n".join(f"> {markdown_text(line)}" for line in f"“{citation.quote}”".split("\n"))
        lines += [f"\\[{citation.n}\\] {markdown_text(_source(citation))}", "", quote, ""]
    lines += ["---", "", *(f"{markdown_text(fact)}  " for fact in _facts(turn))]
    return "\n".join(lines) + "\n"


def to_docx(turn: Turn) -> bytes:
    """The same as a Word document."""
    from docx import Document

    document = Document()
    document.add_heading(_clean(_flat(turn.question)), level=1)
    for text, numbers in _sentences(turn.answer):
        document.add_paragraph(_clean(f"{text} {numbers}".rstrip()))
    citations = turn.answer.citations if turn.answer else ()
    if citations:
        document.add_heading("Quotes", level=2)
    for citation in citations:
        document.add_paragraph(_clean(f"[{citation.n}] {_source(citation)}"))
        document.add_paragraph(_clean(f"“{citation.quote}”"), style="Quote")
    for fact in _facts(turn):
        document.add_paragraph(_clean(fact), style="Caption")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


class Form(NamedTuple):
    """One kind of file that an answer can be saved as."""

    label: str
    ending: str
    mime: str
    make: Callable[[Turn], str | bytes]
    """Turn → the file's content."""


FORMS = (
    Form("Markdown", "md", "text/markdown", to_markdown),
    Form("Word", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx),
    Form("JSON", "json", "application/json", to_json),
)


def _sentences(answer: Answer | None) -> list[tuple[str, str]]:
    """Each line of the answer with its `[1][2]`; for a refusal the refusal."""
    if answer is None:
        return []
    if answer.refused:
        return [(f"Nothing on record. {answer.reason or ''}".strip(), "")]
    shown = (*answer.lead, *answer.sentences)
    return [(_words(sentence, answer), "".join(f"[{n}]" for n in sentence.citations)) for sentence in shown]


def _words(sentence: Sentence, answer: Answer) -> str:
    """A sentence as it stands; a quote in quotation marks with who said it when."""
    if sentence.label != "quote":
        return sentence.text
    cited = answer.citations[sentence.citations[0] - 1]
    by = ", ".join(part for part in (cited.speaker, day(cited.date)) if part)
    return f"{by}: “{sentence.text}”"


def _source(citation: Citation) -> str:
    asked = f"; asked by {citation.asked_by}" if citation.asked_by else ""
    place = f"; transcript {citation.transcript}, characters {citation.start}–{citation.end}"
    return plain(Reference.of_citation(citation)) + asked + place


def _facts(turn: Turn) -> list[str]:
    facts = [
        f"Asked {day(turn.asked_at.date())}, {turn.asked_at.astimezone(dt.UTC):%H:%M} UTC",
        *filter_facts(turn.filters),
    ]
    if turn.answer:
        facts.append(searched_fact(turn.answer.searched))
        facts += [f"{role}: {name}" for role, name in turn.answer.models.items()]
        facts += [f"Index: {turn.answer.index}"] if turn.answer.index else []
        facts += [f"Answered in {turn.answer.timings['total']:.1f} s"] if "total" in turn.answer.timings else []
    return facts


def _flat(text: str) -> str:
    return " ".join(text.split())


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _XML_FORBIDDEN.sub("", text)
