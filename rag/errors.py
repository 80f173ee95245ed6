"""The few exceptions a caller can act on.

Each message names the cause and the command that mends it. They become user text only at the front doors
(`rag.cli`, `app.py`, `rag.serving`).
"""

from __future__ import annotations


class OnRecordError(Exception):
    """Base of every error that OnRecord raises on purpose."""


class SettingsError(OnRecordError):
    """A setting is unknown, malformed or contradicts another."""


class ReadError(OnRecordError):
    """One input cannot be read as a transcript. The message is the reason shown in the ingest report."""


class FetchError(OnRecordError):
    """Fetching cannot begin or go on: the site or the corpus folder is out of reach."""


class ModelError(OnRecordError):
    """A model file is missing, damaged or refused to load."""


class IndexMissingError(OnRecordError):
    """There is no index where one was looked for."""


class IndexMismatchError(OnRecordError):
    """The index was built with another model, format or chunking than the settings name."""


class IndexDamagedError(OnRecordError):
    """The index contradicts itself."""


class IndexWriteError(OnRecordError):
    """The index or the corpus folder cannot be written: no permission, or the disk is full."""


class IndexBusyError(OnRecordError):
    """Another process is writing the index."""


class BackupError(OnRecordError):
    """A backup cannot be made there, or a file is no whole backup."""


class QueryError(OnRecordError):
    """A question cannot be searched for: empty or far too long."""


class ServeError(OnRecordError):
    """A page cannot be served: the port is taken or the address is not of this machine."""
