"""The chat page's room: it shows an `Answer` and never searches by itself.

Streamlit is imported in this room alone, by `process` and by the files that draw a part of the screen; what they draw
(engine, jobs, conversations, views, citing, exports, …) is plain Python.
"""
