"""XML of the Public API, as .NET's data contract serializer writes it (contract 2.6).

An object is an element with an element for each field, a list is an element with one for each entry, null is
`i:nil`. A view says in `xml_name` what its model is called, and in `xml_lists` which fields are lists and
what their entries are called.

What is read needs no certain root, namespace or order, for DdD's are not known for every route: fields are
found by their local names. A document type, entities and depth that no order has are refused.
"""

import codecs
import html
import re
from collections.abc import Collection, Mapping
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError as NotXML

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer

from core.bodies_api import each_once, object_of, read_bytes

SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
MODELS: Final = "http://schemas.datacontract.org/2004/07/PublicAPI.Models"
PRIMITIVES: Final = "http://schemas.microsoft.com/2003/10/Serialization/"
NIL: Final = f"{{{SCHEMA_INSTANCE}}}nil"
DEEPEST: Final = 20
# Those of which other names are known to Python as well, but not to everybody who has to read a refusal.
CHARSETS: Final = ("utf-8", "utf-16", "iso-8859-1", "windows-1252", "us-ascii")
# Text that came from elsewhere may have characters that XML cannot contain.
NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XMLParser(BaseParser):
    """Reads XML into what JSON with the same content would be read into; every value is text or null."""

    media_type = "application/xml"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """ParseError (400) when it is not XML, or of a kind that no order needs; Invalid as JSON is."""
        raw = _text(read_bytes(stream), media_type or "")
        lists = (parser_context or {})["view"].xml_lists
        parser = DefusedXMLParser(target=_Reader({name.lower() for name in lists}), forbid_dtd=True)
        try:
            parser.feed(raw)
            found = parser.close()
        except DefusedXmlException as error:
            raise ParseError(_("Send XML without a document type and without entities.")) from error
        except (NotXML, ValueError, LookupError) as error:
            raise ParseError(_("This is not XML: %(error)s") % {"error": error}) from error
        return each_once(found)


class TextXMLParser(XMLParser):
    """XML under its other media type."""

    media_type = "text/xml"


class XMLRenderer(BaseRenderer):
    """Writes an answer as XML. A problem stays JSON."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer of the view in `renderer_context`."""
        context = renderer_context or {}
        if context["response"].exception:
            return bytes(JSONRenderer().render(data, "application/json", renderer_context))
        view = context["view"]
        return _Writer(view.xml_lists).document(data, view.xml_name).encode()


class TextXMLRenderer(XMLRenderer):
    """XML for those who ask for its other media type."""

    media_type = "text/xml"


class _Writer:
    """Writes objects with these lists."""

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._lists = lists

    def document(self, data: Any, name: str) -> str:
        """`name` is that of the model, or of a list's entries."""
        if isinstance(data, bool):
            return f'<boolean xmlns="{PRIMITIVES}">{_plain(data)}</boolean>'
        spaces = f' xmlns:i="{SCHEMA_INSTANCE}" xmlns="{MODELS}"'
        if isinstance(data, list):
            entries = "".join(self._element(name, entry) for entry in data)
            return f"<ArrayOf{name}{spaces}>{entries}</ArrayOf{name}>"
        return f"<{name}{spaces}>{self._inside(data)}</{name}>"

    def _element(self, name: str, value: Any) -> str:
        if value is None:
            return f'<{name} i:nil="true"/>'
        return f"<{name}>{self._inside(value, self._lists.get(name, name))}</{name}>"

    def _inside(self, value: Any, entry_name: str = "") -> str:
        if isinstance(value, list):
            return "".join(self._element(entry_name, entry) for entry in value)
        if isinstance(value, dict):
            # In the order of the alphabet, as a data contract has them when nothing else is said.
            return "".join(self._element(name, value[name]) for name in sorted(value))
        return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = html.escape(NOT_IN_XML.sub("\ufffd", str(value)), quote=False)
    return text.replace("\r", "&#13;")


def _text(raw: bytes, media_type: str) -> str | bytes:
    """In the charset of the header, which goes before what the document says of itself, but not before a byte
    order mark."""
    named = re.search(r'charset\s*=\s*"?([^\s;"]+)', media_type, re.IGNORECASE)
    if not named or raw.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw
    charset = named[1].lower()
    if charset not in CHARSETS:
        raise ParseError(_("Send one of these charsets: %(names)s.") % {"names": ", ".join(CHARSETS)})
    try:
        return raw.decode(charset)
    except ValueError as error:
        raise ParseError(_("This is not XML: %(error)s") % {"error": error}) from error


class _Open:
    """An element that has not ended."""

    def __init__(self, name: str, is_null: bool) -> None:
        self.name, self.is_null = name, is_null
        self.text: list[str] = []
        self.fields: list[tuple[str, Any]] = []


class _Reader:
    """What the parser tells about its elements becomes objects, lists and text."""

    def __init__(self, lists: Collection[str]) -> None:
        self._lists = lists  # in small letters
        # What stands around the root: its only field is the document.
        self._open = [_Open("", False)]

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise ParseError(_("Send elements at most %(most)d deep.") % {"most": DEEPEST})
        is_null = attributes.get(NIL, "").strip().lower() in ("true", "1")
        self._open.append(_Open(tag.rpartition("}")[2], is_null))

    def data(self, text: str) -> None:
        self._open[-1].text.append(text)

    def end(self, tag: str) -> None:
        ended = self._open.pop()
        self._open[-1].fields.append((ended.name, self._value(ended)))

    def close(self) -> Any:
        return _object_if_empty(self._open[0].fields[0][1])

    def _value(self, ended: _Open) -> Any:
        """An object when it has elements, a list by its name, otherwise text or null."""
        text = "".join(ended.text)
        if ended.fields and text.strip():
            raise ParseError(_("%(name)s has text beside its elements.") % {"name": ended.name})
        if ended.is_null:
            return None
        if ended.name.lower() in self._lists and not text.strip():
            return [_object_if_empty(entry) for _name, entry in ended.fields]
        return object_of(ended.fields) if ended.fields else text


def _object_if_empty(value: Any) -> Any:
    """An element without anything in it, where an object belongs, is one without fields."""
    is_empty = value is None or (isinstance(value, str) and not value.strip())
    return {} if is_empty else value
