"""The prescription as a document: a PDF by WeasyPrint, which may fetch our static files and nothing else."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static

from clinic.web.templatetags.words import full_day
from medications.pharmacies import codes
from medications.pharmacies.enums import State
from medications.pharmacies.models import Transmission

ORIGIN = "https://tandem.invalid"  # never asked: what a page names by a path of ours is read from the static files
NO_PDF = "This machine lacks the libraries that make PDFs (Pango). Print this page instead; it says the same."
SHEET = "css/prescription.css"


class NoLibraries(Exception):
    """WeasyPrint's system libraries are missing."""


def across(row: Transmission) -> str:
    """The word across a document that is no longer good; "" for one that is."""
    if row.state == State.UNDONE:
        return "undone"
    return "discontinued" if row.authorisation.voided_at is not None or row.state == State.CANCELLED else ""


def context(row: Transmission, *, cancels: bool = False) -> dict[str, Any]:
    """What the sheet shows; one that is no longer good carries no code. `cancels`: the notice to the pharmacy."""
    void, it = across(row), row.content
    days = {
        "issued": it["issued_on"], "born": it["patient"]["born"], "earliest": it["earliest_fill_on"],
        "expires": it["expires_on"],
    }  # fmt: skip
    return {
        "on": {name: full_day(date.fromisoformat(day)) if day else "" for name, day in days.items()},
        "it": it, "row": row, "across": void, "cancels": cancels,
        "code": "" if void or not codes.genuine(row) else row.code, "sheet": ORIGIN + static(SHEET),
    }  # fmt: skip


def html(row: Transmission, *, cancels: bool = False) -> str:
    """The whole document as HTML."""
    return render_to_string("pharmacies/document.html", context(row, cancels=cancels))


def pdf(row: Transmission, *, cancels: bool = False) -> bytes:
    """The whole document as PDF; about half a second. Raises NoLibraries where the machine cannot."""
    return pdf_of(html(row, cancels=cancels))


def pdf_of(page: str) -> bytes:
    """Any HTML of ours as PDF; what it names that is no static file of ours stays out. Raises NoLibraries."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError:
        raise NoLibraries from None

    class OnlyOurs(URLFetcher):  # type: ignore[misc]
        """Static files of ours by their path; nothing from a network, nothing else from the disk."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The file, or ValueError."""
            return URLFetcherResponse(url, body=static_file(url), headers={"Content-Type": kind_of(url)})

    made: bytes = weasyprint.HTML(string=page, base_url=ORIGIN, url_fetcher=OnlyOurs()).write_pdf()
    return made


def static_file(url: str) -> bytes:
    """The content of a static file of ours. Raises ValueError for anything else."""
    parts, prefix = urlsplit(url), "/" + settings.STATIC_URL.strip("/") + "/"
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN or not parts.path.startswith(prefix) or ".." in parts.path:
        raise ValueError("not one of our static files")
    found = finders.find(plain_name(parts.path.removeprefix(prefix)))
    if not isinstance(found, str):
        raise ValueError("no such static file")
    with open(found, "rb") as file:
        return file.read()


def plain_name(name: str) -> str:
    """The name without the hash that collected files carry: css/a.0123456789ab.css is css/a.css."""
    stem, _, end = name.rpartition(".")
    before, _, mark = stem.rpartition(".")
    hashed = len(mark) == 12 and all(c in "0123456789abcdef" for c in mark)
    return f"{before}.{end}" if before and hashed else name


def kind_of(url: str) -> str:
    """The media type by the file's ending."""
    kinds = {"css": "text/css", "svg": "image/svg+xml", "woff2": "font/woff2"}
    return kinds.get(urlsplit(url).path.rpartition(".")[2], "application/octet-stream")
