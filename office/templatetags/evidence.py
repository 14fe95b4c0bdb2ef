"""The evidence of a row of the work list, for its template."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template

from core.choices import Choices
from ddd.models import Connection, Difference, Notice, Posting
from ddd.sending import first_of_kind
from ddd.sending.decisions import odd_answer_of, what_changes
from ddd.sending.settlement import has_odd_answer
from ddd.words.meanings import OF_FIRSTS
from office.attention import evidence
from office.attention.evidence import Names
from office.attention.forms import meanings_of
from office.attention.kind import NotApplicable
from office.attention.kinds import KINDS
from office.order.next_steps import next_step

register = template.Library()


@register.simple_tag
def evidence_of(row: Posting | Difference, names: Names | str) -> list[tuple[str, list[str]]]:
    """What was found. Variants that are not in `names` are shown as numbers."""
    return evidence.evidence_of(row, names or {})  # type: ignore[arg-type]  # a template says "" for nothing


@register.simple_tag
def pieces_of(posting: Posting, names: Names | str) -> list[str]:
    """What the posting is about."""
    return evidence.pieces_of(posting, names or {})  # type: ignore[arg-type]


@register.simple_tag
def changes_when_sent_again(
    posting: Posting, connection: Connection | None
) -> list[tuple[str, object, object]]:
    """What today's settings would change of it: field, before, after. 1 query on pages without the Group's
    connection."""
    found = connection or Connection.objects.filter(group_id=posting.group_id).first()
    return what_changes(posting, found) if found else []


@register.simple_tag
def first_of(posting: Posting, in_front: Mapping[int, Posting]) -> Posting | None:
    """What is to be decided or sent before the posting."""
    return in_front.get(posting.pk)


@register.simple_tag
def held_up_by(posting: Posting, held_up: Mapping[int, list[str]]) -> list[str]:
    """The kinds of postings of its order that wait for it."""
    return held_up.get(posting.pk, [])


@register.simple_tag
def sent_of(posting: Posting, names: Names) -> list[tuple[str, list[str]]]:
    """What was sent of it, as DdD calls it."""
    return evidence.sent_of(posting, names)


@register.simple_tag
def what_to_look_for(posting: Posting) -> str:
    """What shows in DdD whether the first posting of its kind is right."""
    return str(OF_FIRSTS[posting.first.kind])


@register.simple_tag
def waiting_since(posting: Posting) -> tuple[int, datetime | None]:
    """How many wait for the first posting of their kind, and since when; 1 query."""
    return first_of_kind.waiting_since(posting.first)


@register.simple_tag
def variant_of(notice: Notice, names: Names) -> str:
    """What the variant is called that a notice is about."""
    return evidence.note_of(notice, names)


@register.simple_tag
def odd_answer(posting: Posting) -> str | None:
    """DdD's answer to the posting that a person can explain; 1 query, none unless its answer was odd."""
    return odd_answer_of(posting) if has_odd_answer(posting.reason) else None


@register.filter
def meanings(notice: Notice) -> Choices:
    """What DdD's word may mean that the notice is about."""
    return meanings_of(notice)


@register.filter
def token(row: Any, kind: str) -> str:
    """How a form names a row of this kind."""
    decisions = KINDS[kind].decisions
    return "" if isinstance(decisions, NotApplicable) else decisions.token(row)


register.filter("meaning", evidence.meaning_of)
register.filter("next_step", next_step)
