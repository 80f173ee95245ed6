"""`Transcript` to passages, spans and vectors, and the store on disk."""
