"""A question to a `Query`, and a `Query` to ranked `Evidence`."""
