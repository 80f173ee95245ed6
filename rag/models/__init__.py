"""Model files: which ones are known, where they lie, and that they are the right bytes.

`rag.models.pulling.pull` obtains them; after a pull nothing touches the network.
"""

from __future__ import annotations

from rag.models.catalogue import CATALOGUE
from rag.models.digests import model_digest
from rag.models.places import NO_LLM, ListedModel, list_models, model_path

__all__ = ["CATALOGUE", "NO_LLM", "ListedModel", "list_models", "model_digest", "model_path"]
