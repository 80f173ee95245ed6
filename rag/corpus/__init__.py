"""Raw bytes to transcripts: one reader per format, one segmenter for all."""

from rag.corpus.accounting import count_paragraphs
from rag.corpus.dates import settle as settle_dates
from rag.corpus.formats.columns import load_columns
from rag.corpus.formats.institutions import load_institutions
from rag.corpus.inputs import RULE_FILES, Input, iter_inputs
from rag.corpus.reading import read_transcript
from rag.corpus.sentences import split_sentences

__all__ = [
    "RULE_FILES",
    "Input",
    "count_paragraphs",
    "iter_inputs",
    "load_columns",
    "load_institutions",
    "read_transcript",
    "settle_dates",
    "split_sentences",
]
