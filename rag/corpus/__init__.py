"""Raw bytes to `Transcript`: one reader per format, and the segmenter."""
