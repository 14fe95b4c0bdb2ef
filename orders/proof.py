"""The proof that the right person collects the order: the Group's policy, checked before the hand-over."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from secrets import compare_digest

from django.utils.translation import gettext as _

from core.errors import Fault, Invalid
from orders.models import WebOrder

Proof = WebOrder.Proof
LONGEST_NAME = 100
LONGEST_SIGNATURE = 20_000
# SVG path data on 600 x 200: each stroke is one M with relative l steps.
_STROKES = re.compile(r"(?:M\d{1,3} \d{1,3}(?:l-?\d{1,3} -?\d{1,3})*)+", re.ASCII)
SHORTEST_SIGNATURE = 8  # line segments: a tap is no signature


@dataclass(frozen=True)
class PresentedProof:
    """What the customer has shown at the counter, as the tablet sends it; `collected_by` is their name."""

    code: str = ""
    id_seen: bool = False
    collected_by: str = ""
    signature: str = ""


@dataclass(frozen=True)
class CheckedProof:
    """What is stored of a proof that was accepted."""

    proof: str = ""
    collected_by: str = ""
    signature: str = ""


def accepted_proofs(chosen: str, by_manager: bool) -> tuple[str, ...]:
    """The proofs that are accepted, the Group's choice first. A name on an ID may replace a signature, and a
    pick-up code when a shop manager hands over."""
    stands_in = chosen == Proof.SIGNATURE or (chosen == Proof.CODE and by_manager)
    return (chosen, Proof.NAME) if stands_in else (chosen,)


def check_proof(order: WebOrder, accepted: tuple[str, ...], shown: PresentedProof) -> CheckedProof:
    """Invalid says what is still missing. Data of a proof that was not needed is not stored."""
    name = " ".join(shown.collected_by.split())
    if len(name) > LONGEST_NAME:
        raise _not_shown("/collected_by", _("A name has at most 100 characters."))
    if accepted[0] not in (Proof.NONE, Proof.NAME) and Proof.NAME in accepted and shown.id_seen:
        accepted = (Proof.NAME,)
    checks: dict[str, Callable[[], None]] = {
        Proof.NONE: lambda: None,
        Proof.CODE: lambda: _check_code(order, shown.code),
        Proof.NAME: lambda: _check_name(name, shown.id_seen),
        Proof.SIGNATURE: lambda: _check_signature(shown.signature),
    }
    proof = accepted[0]
    checks[proof]()
    return CheckedProof(proof, name, shown.signature if proof == Proof.SIGNATURE else "")


def _check_code(order: WebOrder, typed: str) -> None:
    code = "".join(typed.split())
    if not code:
        raise _not_shown("/code", _("Ask for the pick-up code: type it, or scan its QR."))
    if not compare_digest(code.encode(), order.pickup_code.encode()):
        raise _not_shown("/code", _("This is not the pick-up code of this order. Ask for it once more."))


def _check_name(name: str, id_seen: bool) -> None:
    if not id_seen:
        raise _not_shown("/id_seen", _("Ask for an ID, and say that you have seen it."))
    if not name:
        raise _not_shown("/collected_by", _("Type the name that stands on the ID."))


def _check_signature(signature: str) -> None:
    if not signature:
        raise _not_shown("/signature", _("Ask for a signature in the field, or check the name instead."))
    good = len(signature) <= LONGEST_SIGNATURE and _STROKES.fullmatch(signature)
    if not good or signature.count("l") < SHORTEST_SIGNATURE:
        raise _not_shown("/signature", _("This is no signature: clear the field and ask for it once more."))


def _not_shown(pointer: str, sentence: str) -> Invalid:
    return Invalid(sentence, [Fault(pointer, sentence, "not-proven")])
