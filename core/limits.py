"""The least and the most that a number may be: set on the model's field, where forms read it."""

from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator


def between(least: int, most: int) -> list[BaseValidator]:
    """Validators of a model's field; both numbers are allowed."""
    return [MinValueValidator(least), MaxValueValidator(most)]
