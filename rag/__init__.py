"""OnRecord: cited question answering over press-conference transcripts."""
