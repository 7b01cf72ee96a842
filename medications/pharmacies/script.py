"""The two NCPDP SCRIPT messages of a renewal as text: a pharmacy's request read strictly, our answer written. Pure.

What came is a stranger's file: no document type, no entities, nothing fetched, one header, one body, known numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lxml import etree

VERSION = "2023011"
RENEWAL = "RxRenewalRequest"
MOST_BYTES = 256 * 1024
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}")
SENDER = re.compile(r"[0-9]{7}")
KIND = re.compile(r"[A-Za-z]{1,40}")


class Unreadable(ValueError):
    """It is no such message; the sentence says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is asked of a message: its numbers, who sent it, of whom it speaks. Empty: it does not say."""

    message_id: str
    sender: str  # the pharmacy's NCPDP id
    kind: str
    sent_at: datetime | None = None
    relates_to: str = ""  # the message of ours that it answers
    order_number: str = ""  # the number of our prescription
    rx_number: str = ""  # the pharmacy's own
    born_on: date | None = None


def read(content: bytes) -> Message:
    """The message, or Unreadable."""
    root = _parsed(content)
    header, body = _only(root, "Header"), _only(root, "Body")
    kinds = [one for one in body if isinstance(one.tag, str)]
    if len(kinds) != 1 or not KIND.fullmatch(_name(kinds[0])):
        raise Unreadable("Its body holds no single message.")
    senders = [one for one in header if _name(one) == "From"]
    if len(senders) != 1 or senders[0].get("Qualifier", "P") != "P":
        raise Unreadable("It does not say which pharmacy sent it.")
    return Message(
        message_id=_number(header, "MessageID", must=True),
        sender=_checked(_text(senders[0]), SENDER, "From"),
        kind=_name(kinds[0]),
        sent_at=_moment(header),
        relates_to=_number(header, "RelatesToMessageID"),
        order_number=_number(header, "PrescriberOrderNumber"),
        rx_number=_number(header, "RxReferenceNumber"),
        born_on=_born(kinds[0]),
    )


def _parsed(content: bytes) -> Any:
    if len(content) > MOST_BYTES:
        raise Unreadable("It is too large for a message.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("It is no well-formed XML.") from None
    if root.getroottree().docinfo.doctype or any(isinstance(one, etree._Entity) for one in root.iter()):
        raise Unreadable("It brings a document type, which no message has.")
    if _name(root) != "Message":
        raise Unreadable("It is no SCRIPT message.")
    return root


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _only(parent: Any, name: str) -> Any:
    found = [one for one in parent if _name(one) == name]
    if len(found) != 1:
        raise Unreadable(f"It has not one {name}.")
    return found[0]


def _text(element: Any) -> str:
    return (element.text or "").strip()


def _checked(text: str, pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(text):
        raise Unreadable(f"Its {name} is not as such a number is written.")
    return text


def _number(header: Any, name: str, *, must: bool = False) -> str:
    found = [one for one in header if _name(one) == name]
    if len(found) > 1 or (must and not found):
        raise Unreadable(f"It has not one {name}.")
    text = _text(found[0]) if found else ""
    return _checked(text, NUMBER, name) if text or must else ""


def _moment(header: Any) -> datetime | None:
    found = [_text(one) for one in header if _name(one) == "SentTime"]
    try:
        moment = datetime.fromisoformat(found[0]) if found else None
    except ValueError:
        raise Unreadable("Its SentTime is no time.") from None
    return moment if moment is not None and moment.tzinfo is not None else None


def _born(request: Any) -> date | None:
    days = [_text(day) for one in request.iter() if _name(one) == "DateOfBirth" for day in one if _name(day) == "Date"]
    try:
        return date.fromisoformat(days[0]) if len(days) == 1 else None
    except ValueError:
        raise Unreadable("Its DateOfBirth is no day.") from None


def response(answer: Mapping[str, str], content: Mapping[str, Any]) -> bytes:
    """An RxRenewalResponse. `answer`: its numbers, verdict and words; `content`: the prescription, of an approval."""
    root = etree.Element("Message", TransactionDomain="SCRIPT", TransactionVersion=VERSION)
    header = etree.SubElement(root, "Header")
    _add(header, "To", answer["to"], Qualifier="P")
    _add(header, "From", answer["from"], Qualifier="D")
    for name in ("MessageID", "RelatesToMessageID", "SentTime", "RxReferenceNumber", "PrescriberOrderNumber"):
        if answer.get(name):
            _add(header, name, answer[name])
    body = etree.SubElement(etree.SubElement(root, "Body"), "RxRenewalResponse")
    verdict = etree.SubElement(etree.SubElement(body, "Response"), answer["verdict"])
    if answer.get("words"):
        _add(verdict, "Note" if answer["verdict"].startswith("Approved") else "DenialReason", answer["words"])
    if content:
        medicine = etree.SubElement(body, "MedicationResponse")
        _add(medicine, "DrugDescription", content["medicine"])
        _add(etree.SubElement(medicine, "Quantity"), "Value", content["quantity"])
        for name, key in (("DaysSupply", "days"), ("NumberOfRefills", "refills"), ("WrittenDate", "issued_on")):
            _add(medicine, name, str(content[key]))
        _add(etree.SubElement(medicine, "Sig"), "SigText", content["sig"].replace("\u00a0", " "))
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def _add(parent: Any, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, name, **attributes).text = text
