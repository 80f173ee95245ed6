"""Measures retrieval, understanding and answers on labelled questions."""
