"""The chat page: `onrecord chat` runs this under Streamlit."""

from rag.page.screen import main

main()
