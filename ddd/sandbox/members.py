"""Members of the loyalty club: by user name, by search term, and new ones. A group's club has its number."""

import json
from typing import Any

from ddd.sandbox import wire
from ddd.sandbox.demo_data import MEMBERS, SHOPS, Member
from ddd.sandbox.endpoints import Answer, Call, Handler, Refused
from ddd.sandbox.state import State

_FIRST_NEW_ID = 10_000
_SEARCHED = (
    "CustomerNumber", "FirstName", "LastName", "Address", "PostalCode", "City", "Country", "Phone", "Email",
)  # fmt: skip
_POINTS = {"DiscountPoints": 0, "DiscountMoney": 0, "BonusPoints": 0, "BonusMoney": 0}


def by_user_name(call: Call) -> Answer:
    group, user = SHOPS[call.shop()].group, call.path["userName"]
    for member in _of_club(call.state, group):
        if member["User"] == user:
            return Answer(member)
    raise Refused([f"userName: there is no member {user}"], status=404, message="Not found.")


def search(call: Call) -> Answer:
    """All members in which the term's words begin words of the fields, in the fields' order."""
    group, term = SHOPS[call.shop()].group, call.path["searchTerm"]
    found = [member for member in _of_club(call.state, group) if _matches(member, term)]
    points = {member.customer_number: member.points for member in MEMBERS if member.group == group}
    return Answer(
        [
            {**member, **_POINTS, **points.get(member["CustomerNumber"], {}), "RANK": rank}
            for rank, member in enumerate(found, 1)
        ]
    )


def create(schema_name: str) -> Handler:
    """The handler of one create route: answers the member. CustomerNumber 0 takes the next free one."""

    def handler(call: Call) -> Answer:
        body, faults = call.body(schema_name)
        _check(call, body, faults)
        if faults:
            raise Refused(faults)
        with call.state.transaction():
            return Answer(_record(call.state, body))

    return handler


def _check(call: Call, body: dict[str, Any], faults: list[str]) -> None:
    if isinstance(body.get("BirthDate"), str):
        try:
            wire.read_day(body["BirthDate"])
        except wire.Unreadable as error:
            faults.append(f"BirthDate: {error}")
    club = body.get("ClubId")
    if isinstance(club, bool) or not isinstance(club, int):
        return
    if club not in {shop.group for shop in SHOPS.values() if call.token.group in (None, shop.group)}:
        faults.append(f"ClubId: {club} is not a club of this token")
        return
    for name in ("CustomerNumber", "User"):
        if body.get(name) and any(member[name] == body[name] for member in _of_club(call.state, club)):
            faults.append(f"{name}: {body[name]} is taken in this club")


def _record(state: State, body: dict[str, Any]) -> dict[str, Any]:
    club = body["ClubId"]
    taken = [member["CustomerNumber"] for member in _of_club(state, club)]
    moment = wire.utc_text(wire.now())
    member = {
        "CreationShop": str(body.get("CreationShop", "")),
        "User": body.get("User", ""),
        "Modified": moment,
        "IsDeleted": False,
        "IsActive": True,
        "Gender": None,
        **{name: value for name, value in body.items() if name not in ("Password", "CreationShop", "User")},
        "CustomerNumber": body.get("CustomerNumber") or max(taken, default=0) + 1,
    }
    member_id = state.insert(
        "members",
        grp=club,
        customer_number=member["CustomerNumber"],
        user=member["User"],
        model=wire.write_json(member).decode(),
    )
    return _whole(member, member_id)


def _of_club(state: State, group: int) -> list[dict[str, Any]]:
    at_start = [
        _demo_member(place, member) for place, member in enumerate(MEMBERS, 1) if member.group == group
    ]
    rows = state.rows("SELECT id, model FROM members WHERE grp = ? ORDER BY id", group)
    return [*at_start, *(_whole(json.loads(row["model"]), row["id"]) for row in rows)]


def _whole(member: dict[str, Any], member_id: int) -> dict[str, Any]:
    return {"Id": _FIRST_NEW_ID + member_id, **member, "Password": _password(member["User"])}


def _password(user: str) -> str:
    # The contract warns of this field: nobody may log or keep it. What was posted is not kept here.
    return f"sandbox-password-of-{user}"


def _matches(member: dict[str, Any], term: str) -> bool:
    left = iter(" ".join(str(member.get(name, "")) for name in _SEARCHED).casefold().split())
    wanted = term.casefold().split()
    return bool(wanted) and all(any(word.startswith(part) for word in left) for part in wanted)


def _demo_member(place: int, member: Member) -> dict[str, Any]:
    return {
        "Id": 9000 + place,
        "CustomerNumber": member.customer_number,
        "CreationShop": f"{member.group}001",
        "User": member.user,
        "Password": _password(member.user),
        "Modified": "2026-03-02T09:15:00.0000000Z",
        "IsDeleted": False,
        "ClubId": member.group,
        "EngineId": 1,
        "FirstName": member.first_name,
        "LastName": member.last_name,
        "Address": member.address,
        "PostalCode": member.postal_code,
        "City": member.city,
        "Country": "Denmark",
        "Gender": member.gender,
        "BirthDate": "1984-05-17",
        "Email": member.email,
        "Phone": member.phone,
        "ReceiptByEmail": 2,
        "Notes": "",
        "IsActive": True,
    }
