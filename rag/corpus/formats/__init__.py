"""Formats beside the ministry's pages and plain text: one small reader for each."""
