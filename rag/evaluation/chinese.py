"""Measures Chinese questions on the Chinese archive: the exchange that answers them first, among five, or a refusal.

The questions of `data/chinese.jsonl` were written from reading pages. Grade 2 is the exchange of that page, grade 1
another one that was found first and, when read, answers as well; a question without any is about what is not on record.
Those of `data/chinese_paraphrased.jsonl` are in other words than the pages on purpose.
"""

from __future__ import annotations

from pathlib import Path

from rag.config import Settings
from rag.evaluation.ruler import GradedQuestion, read_records
from rag.indexing.embedding import Encoder, load_encoder
from rag.indexing.store import Index, open_index
from rag.retrieval.confidence import refused
from rag.retrieval.rank import rank_exchanges
from rag.retrieval.understand import understand
from rag.types import Filters, Record

OWN_QUESTIONS = Path(__file__).parent / "data" / "chinese.jsonl"
DEPTH = 5


class ChineseReport(Record):
    """Shares of the answerable questions, and of all, as counts."""

    answerable: int
    first_of_page: int
    """Questions whose first exchange is the one of the page that the question was written from."""
    first: int
    """Questions whose first exchange answers them."""
    among_five: int
    refused: int
    """Answerable questions that are refused."""
    off_record: int
    off_record_refused: int

    def table(self) -> str:
        """The report as text."""
        of = f"of {self.answerable} answerable questions"
        return "\n".join(
            [
                f"hit@1 {self.first / self.answerable:.3f} ({self.first_of_page / self.answerable:.3f} the page it was "
                f"written from), hit@5 {self.among_five / self.answerable:.3f} {of}",
                f"refused: {self.refused} {of}, {self.off_record_refused} of {self.off_record} off the record",
            ]
        )


def evaluate_chinese(settings: Settings, questions: Path | None = None) -> ChineseReport:
    """Rank and refuse every question over the index that the settings name.

    Raises:
        LabelsError: the file of questions is missing or malformed.
        OnRecordError: the index is missing.
    """
    asked = read_records(questions or OWN_QUESTIONS, GradedQuestion)
    encoder = load_encoder(settings)
    with open_index(settings, encoder) as index:
        names = {source.transcript: source.name for source in index.sources()}
        results = [(question, *_result(question, index, encoder, names)) for question in asked]
    answerable = [(question, grades, no) for question, grades, no in results if question.exchanges]
    others = [no for question, _, no in results if not question.exchanges]
    return ChineseReport(
        answerable=len(answerable),
        first_of_page=sum(grades[:1] == [2] for _, grades, _ in answerable),
        first=sum(any(grades[:1]) for _, grades, _ in answerable),
        among_five=sum(any(grades) for _, grades, _ in answerable),
        refused=sum(no for *_, no in answerable),
        off_record=len(others),
        off_record_refused=sum(others),
    )


def _result(question: GradedQuestion, index: Index, encoder: Encoder, names: dict[str, str]) -> tuple[list[int], bool]:
    """Grades of the exchanges ranked first, and whether the question is refused."""
    query = understand(question.query, (), Filters(), index)
    ranked = rank_exchanges(query, index, encoder, DEPTH)
    places = [index.exchange(item.exchange) for item in ranked]
    grades = [question.exchanges.get(f"{names[place.transcript]}.{place.ordinal}", 0) for place in places]
    return grades, refused(query, ranked, index)
