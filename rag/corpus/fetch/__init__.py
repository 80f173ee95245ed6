"""Gets transcripts from the site that publishes them."""

from rag.corpus.fetch.listings import Language
from rag.corpus.fetch.walk import FetchReport, Outcome, State, fetch_mfa

__all__ = ["FetchReport", "Language", "Outcome", "State", "fetch_mfa"]
