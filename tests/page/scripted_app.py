"""The real page over a real index; only the answers are scripted, by words in the question.

`slow` writes a sentence in half a second, `hang` never writes the second, `fail` breaks, `nothing` is refused.
The embedding model loads as long as there is a file `loading` beside the index folder.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Streamlit runs this file as a script: the tests' folders are not on the path.
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from scripted_texts import HOSTILE_REPLY

import rag.generation.llm
import rag.indexing.embedding
import rag.page.adding_work
from fakes import FakeEncoder
from rag.errors import ModelError
from rag.page.screen import main
from rag.types import Answer, Citation, Evidence, Filters, Query, Searched, Sentence


def _evidence(index: Any) -> tuple[Evidence, ...]:
    """Every span of every exchange, newest conference first."""
    found = []
    for source in index.sources():
        for exchange in index.exchanges_of(source.transcript):
            found += [
                Evidence(span=s, exchange=exchange, source=source, score=1.0) for s in index.spans_of(exchange.id)
            ]
    return tuple(found)


def _answers(question: str, *, index: Any, filters: Filters, **_: Any) -> Iterator[Answer]:
    if "fail" in question:
        raise ModelError("the model said <b>no</b>")
    period = index.date_range()
    answer = Answer(
        question=question,
        understood=Query(question=question, topic=question, filters=filters, notes=("Understood <i>so</i>.",)),
        searched=Searched(transcripts=len(index.sources()), first=period.first, last=period.last),
    )
    if "nothing" in question:
        nearest = tuple(index.question(e.id) for s in index.sources() for e in index.exchanges_of(s.transcript))
        yield answer.model_copy(
            update={"refused": True, "reason": "No answer bears on this.", "nearest": nearest[:2], "complete": True}
        )
        return
    evidence = _evidence(index)
    answer = answer.model_copy(update={"evidence": evidence, "pending": len(evidence)})
    yield answer
    for done, item in enumerate(evidence, start=1):
        time.sleep(0.5 if "slow" in question else 0)
        if "hang" in question and done > 1:
            time.sleep(3600)
        citation = Citation.of(done, item.span, item.exchange, item.source)
        text = HOSTILE_REPLY if done == 1 else f"It was said, as number {done}, that this was so."
        sentence = Sentence(text=text, label="quote" if done % 2 else "supported", citations=(done,))
        answer = answer.model_copy(
            update={
                "sentences": (*answer.sentences, sentence),
                "citations": (*answer.citations, citation),
                "pending": len(evidence) - done,
                "complete": done == len(evidence),
                "timings": {"total": 0.5},
            }
        )
        yield answer


def _load_encoder(settings: Any) -> FakeEncoder:
    while settings.index.with_name("loading").exists():
        time.sleep(0.05)
    return FakeEncoder()


sys.modules["rag.answer"] = SimpleNamespace(stream_answer=_answers)  # type: ignore[assignment]
rag.indexing.embedding.load_encoder = _load_encoder
rag.generation.llm.load_llm = lambda _settings: None
rag.page.adding_work.COMMAND = (sys.executable, str(Path(__file__).parent / "scripted_adding.py"))

main()
