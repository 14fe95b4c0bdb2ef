"""Finds orders by the receiver's name: each word of it is stored on its own and matched by its beginning."""

import re
import unicodedata

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Group
from orders.models import LONGEST_WORD, ReceiverWord, WebOrder

SHORTEST_BEGINNING = 2  # letters: one would match half of all names
MOST_WORDS = 12
LOOKED_THROUGH = 5000  # orders, the newest
WORD = re.compile(r"\w+")


def words_in(text: str) -> list[str]:
    """ "Åse Ø. Sørensen-Bæk" is åse, ø, sørensen and bæk; each once."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return list(dict.fromkeys(WORD.findall(folded)))[:MOST_WORDS]


def replace_words(order: WebOrder) -> None:
    """Stores the words again after the name has changed; 2 queries."""
    ReceiverWord.objects.filter(order=order).delete()
    store_words(order)


def store_words(order: WebOrder) -> None:
    """Stores the words of a new order's name, in the caller's transaction; 1 query."""
    ReceiverWord.objects.bulk_create(words_of(order))


def words_of(order: WebOrder) -> list[ReceiverWord]:
    """The rows of the words of an order's name."""
    return [
        ReceiverWord(group_id=order.group_id, order=order, word=word) for word in stored_words(order.receiver)
    ]


def stored_words(name: str) -> list[bytes]:
    """The words of a name as they are stored, each once."""
    return list(dict.fromkeys(_as_stored(word) for word in words_in(name)))


def order_ids_named(group: Group, text: str) -> QuerySet[ReceiverWord, int] | None:
    """Primary keys of the newest LOOKED_THROUGH orders of `words_of_matches`, or None."""
    words = words_of_matches(group, text)
    if words is None:
        return None
    return words.order_by("-order").values_list("order", flat=True)[:LOOKED_THROUGH]


def words_of_matches(group: Group, text: str) -> QuerySet[ReceiverWord] | None:
    """Words of the Group's orders in whose names every word of the text is the beginning of a word; some
    orders appear more than once. None when no word of the text has two letters."""
    beginnings = sorted(words_in(text), key=len, reverse=True)
    if not beginnings or len(beginnings[0]) < SHORTEST_BEGINNING:
        return None
    found = ReceiverWord.objects.filter(_begins(beginnings[0]), group=group)
    for other in beginnings[1:]:
        found = found.filter(Exists(ReceiverWord.objects.filter(_begins(other), order=OuterRef("order"))))
    return found


def _begins(beginning: str) -> Q:
    kept = _as_stored(beginning)
    return Q(word__gte=kept, word__lt=kept + b"\xff")  # a byte that does not occur in UTF-8


def _as_stored(word: str) -> bytes:
    """Cut to the length of the column."""
    return word.encode()[:LONGEST_WORD]
