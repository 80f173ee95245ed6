"""How soon an answer comes: one prompt with all passages, against sentences made one statement at a time.

    python benchmarks/answering.py --index index "question" …

In one process, with the same model and the same passages of each question: (a) one prompt that holds the question
and all passages, as is common; (b) OnRecord with nothing stored; (c) OnRecord with everything stored; and, since rules
of grammar make most sentences, (d) what (b) would be if the model wrote and scored every one. Search is left out
of all four. The fixed prompts are evaluated before the clock starts, as they are once per process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rag.config import load_settings
from rag.generation.language_model import Prompt
from rag.generation.llm import load_llm
from rag.generation.propositions import PropositionStore, proposition
from rag.generation.restate import SUPPORT_PROMPT, Context, context_of, prompt, supported, written
from rag.generation.select import arrange, compose
from rag.indexing.embedding import load_encoder
from rag.indexing.store import open_index
from rag.retrieval.search import search
from rag.retrieval.understand import understand
from rag.types import Evidence, Filters

if TYPE_CHECKING:
    from rag.generation.language_model import LanguageModel
    from rag.indexing.store import Index

PASSAGES = 4
LIMIT = 300
"""Tokens the one prompt may write."""
QUESTIONS = (
    "what was said about Huawei suppliers",
    "US warships in the South China Sea",
    "will China keep buying Iranian oil",
    "why was the canola import stopped",
)
ONE_PROMPT = Prompt(
    system="Answer the question from the passages only, in a few sentences, and cite them as [1], [2], …",
)


class Times(NamedTuple):
    """Seconds to the first thing shown and to the end."""

    first: float
    whole: float


def one_prompt(question: str, passages: list[str], llm: LanguageModel) -> Times:
    """The common way: to its first word, and to its end."""
    text = "\n\n".join(f"[{i}] {passage}" for i, passage in enumerate(passages, start=1)) + f"\n\nQuestion: {question}"
    began = time.perf_counter()
    first = 0.0
    for piece in llm.stream(ONE_PROMPT, text, limit=LIMIT):
        if piece.strip() and not first:
            first = time.perf_counter() - began
    return Times(first, time.perf_counter() - began)


def ours(evidence: list[Evidence], index: Index, llm: LanguageModel, store: PropositionStore) -> Times:
    """To the first complete cited sentence, and to the last."""
    began = time.perf_counter()
    first = 0.0
    citations = 0
    for statement in arrange(evidence, limit=len(evidence)):
        item = statement.evidence
        part = compose(statement, proposition(item.span, _context(item, index), llm, store), citations + 1)
        citations += len(part.citations)
        first = first or time.perf_counter() - began
    return Times(first, time.perf_counter() - began)


def model_alone(evidence: list[Evidence], index: Index, llm: LanguageModel) -> Times:
    """To the first sentence that the model wrote and scored, and to the last."""
    began = time.perf_counter()
    first = 0.0
    for item in evidence:
        context = _context(item, index)
        sentence, _ = written(item.span.text, context, llm)
        supported(sentence, item.span.text, context, llm)
        first = first or time.perf_counter() - began
    return Times(first, time.perf_counter() - began)


def main() -> None:
    """Run the four ways on every question and print medians and ratios."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("questions", nargs="*", default=QUESTIONS)
    options.add_argument("--index", type=Path, default=Path("index"))
    options.add_argument("--passages", type=int, default=PASSAGES)
    chosen = options.parse_args()
    settings = load_settings({"index": chosen.index})
    encoder, llm = load_encoder(settings), load_llm(settings)
    if llm is None:
        raise SystemExit("a language model is needed: the setting `llm` is none")
    runs: dict[str, list[Times]] = {"one prompt": [], "nothing stored": [], "everything stored": [], "model alone": []}
    for fixed in (ONE_PROMPT, prompt("China"), SUPPORT_PROMPT):
        llm.prepare(fixed)
    with open_index(settings, encoder) as index:
        for question in chosen.questions:
            found = search(understand(question, (), Filters(), index), index, encoder).evidence
            best = {item.exchange.id: item for item in reversed(found)}
            evidence = [item for item in found if best[item.exchange.id] is item][: chosen.passages]
            passages = [_passage(item, index) for item in evidence]
            store = PropositionStore(None)
            runs["one prompt"].append(one_prompt(question, passages, llm))
            runs["nothing stored"].append(ours(evidence, index, llm, store))
            runs["everything stored"].append(ours(evidence, index, llm, store))
            runs["model alone"].append(model_alone(evidence, index, llm))
            print(question, {way: [round(t, 3) for t in times[-1]] for way, times in runs.items()}, flush=True)
    base = _median(runs["one prompt"])
    print(f"\nmedians of {len(chosen.questions)} questions, {chosen.passages} passages each, in seconds")
    for way, times in runs.items():
        middle = _median(times)
        line = f"{way:18} first {middle.first:.3f}  whole {middle.whole:.3f}"
        if way != "one prompt":
            line += (
                f"  (first {base.first / middle.first:.1f} times sooner, whole {middle.whole / base.whole:.3f} of it)"
            )
        print(line)


def _context(item: Evidence, index: Index) -> Context:
    return context_of(item.exchange, item.source, index.transcript(item.exchange.transcript).text)


def _passage(item: Evidence, index: Index) -> str:
    """The passage of the answer that holds the span."""
    held = [p for p in index.passages_of(item.exchange.id) if p.start <= item.span.start < p.end]
    return held[0].text if held else item.span.text


def _median(times: list[Times]) -> Times:
    return Times(statistics.median(t.first for t in times), statistics.median(t.whole for t in times))


if __name__ == "__main__":
    main()
