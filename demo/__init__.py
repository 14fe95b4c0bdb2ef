"""The demo: the whole portal with made-up data, each part a real process, until Ctrl-C."""


class Refused(Exception):
    """The demo cannot run; the one sentence says why and how to mend it."""
