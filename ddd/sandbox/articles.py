"""Articles: by barcode, by style, in pages."""

from ddd.sandbox import catalogue, words
from ddd.sandbox.demo_data import Variant
from ddd.sandbox.endpoints import Answer, Call, Refused


def _found(call: Call) -> list[Variant]:
    barcode = call.path["barcode"]
    variants = catalogue.by_ean(call.token.group, barcode)
    if not variants:
        raise Refused([f"barcode: {barcode} is not known"], status=404, message="Not found.")
    return variants


def by_ean(call: Call) -> Answer:
    """One article by its main barcode, the first of several without a word."""
    main = [found for found in _found(call) if found.ean == call.path["barcode"]]
    if not main:
        raise Refused(["barcode: is not a main barcode"], status=404, message="Not found.")
    return Answer(catalogue.article(main[0]))


def by_any_ean(call: Call) -> Answer:
    """By the multi-barcode table: one object, or a list when the barcode belongs to several variants."""
    articles = [catalogue.article(found) for found in _found(call)]
    return Answer(articles if len(articles) > 1 else articles[0])


def style(call: Call) -> Answer:
    style_id = call.number("id")
    variants = catalogue.by_style(call.token.group, style_id)
    if not variants:
        raise Refused([f"id: there is no style {style_id}"], status=404, message="Not found.")
    return Answer([catalogue.article(found) for found in variants])


def page(call: Call) -> Answer:
    """Pages count from 1, past the end they are empty. Headers tell the next page and how many are left."""
    number, size = call.number("page"), call.number("pagesize")
    faults = [] if number >= 1 else ["page: the first page is 1"]
    if not 1 <= size <= words.LARGEST_PAGE:
        faults.append(f"pagesize: must be from 1 to {words.LARGEST_PAGE}")
    if faults:
        raise Refused(faults)
    everything = catalogue.on_pages(call.token.group)
    end = number * size
    remaining = max(len(everything) - end, 0)
    headers = {words.REMAINING_HEADER: str(remaining)}
    if remaining:
        headers[words.NEXT_PAGE_HEADER] = str(number + 1)
    return Answer([catalogue.article(found) for found in everything[end - size : end]], headers=headers)
