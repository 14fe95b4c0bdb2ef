"""What forms share: their errors as one refusal, and limits taken from model fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.errors import Invalid


def refused(form: forms.BaseForm) -> Invalid:
    """All that is wrong with the form in one sentence, to be raised."""
    return Invalid(" ".join(str(text) for texts in form.errors.values() for text in texts))


def field_with_limits(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """The form's field for a model's: a whole number has the limits of its validators (`formfield_callback`).

    The limits of the column itself are left out: nobody needs to read those.
    """
    if isinstance(field, models.IntegerField):
        for validator in field.deconstruct()[-1].get("validators", ()):
            if isinstance(validator, MinValueValidator):
                options.setdefault("min_value", validator.limit_value)
            elif isinstance(validator, MaxValueValidator):
                options.setdefault("max_value", validator.limit_value)
    return field.formfield(**options)
