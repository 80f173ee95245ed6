"""The chat page's room: it shows an `Answer` and never searches by itself.

Streamlit is known to `process`, `screen`, `chat`, `browse`, `adding`, `sidebar`, `state` and `components`; the rest is
plain Python.
"""
