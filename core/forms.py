"""Forms that only tell a verb what was decided, and are refused as a whole."""

from django.forms import BaseForm

from core.errors import Invalid


def refused(form: BaseForm) -> Invalid:
    """All that is wrong with the form in one sentence, to be raised."""
    return Invalid(" ".join(str(text) for texts in form.errors.values() for text in texts))
