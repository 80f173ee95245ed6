"""Texts that look like markup, for the scripted page and its tests."""

HOSTILE_REPLY = "<img src=x onerror=\"window.hacked='reply'\"> **said** [so](javascript:alert(1)) :red[x] $y$"
