"""The words of the receivers' names, an index to find an order among all."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import Group
from orders.models.order import WebOrder

LONGEST_WORD = 60  # bytes


class ReceiverWord(models.Model):
    """One word of the receiver's name. Personal data: removed with the order's own."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(
        WebOrder, on_delete=models.CASCADE, related_name="receiver_words", db_index=False
    )
    # Case-folded, as UTF-8: bytes sort the same in every database and language, so that an index can find
    # words by their beginning.
    word = models.BinaryField(max_length=LONGEST_WORD)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "word"], name="a_receivers_word_once_in_an_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["group", "word", "order"], name="receiver_word_of_group"),
        ]

    def __str__(self) -> str:
        return bytes(self.word).decode(errors="replace")
