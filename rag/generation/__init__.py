"""`Evidence` to verified propositions: prompts, the local LLM, verification, selection."""
