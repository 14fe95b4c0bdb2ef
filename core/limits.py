"""The least and the most that a number may be: stands at the model's field, and forms read it there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models


def between(least: int, most: int) -> list[BaseValidator]:
    """Validators of a model's field; both numbers are allowed."""
    return [MinValueValidator(least), MaxValueValidator(most)]


def field_with_limits(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """The form's field for a model's: a whole number has the limits of its validators (`formfield_callback`).

    What the database itself could hold is no limit that a person has to know.
    """
    if isinstance(field, models.IntegerField):
        for validator in field.deconstruct()[-1].get("validators", ()):
            if isinstance(validator, MinValueValidator):
                options.setdefault("min_value", validator.limit_value)
            elif isinstance(validator, MaxValueValidator):
                options.setdefault("max_value", validator.limit_value)
    return field.formfield(**options)
