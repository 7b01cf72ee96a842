"""The forms of a page as a browser would send them: addresses, fields by kind, values that are there or plausible."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

WORDS = "Typed words"
PLAUSIBLE = {
    "date": "2026-03-02", "time": "10:30", "datetime-local": "2026-03-02T10:30", "number": "1", "decimal": "1",
    "numeric": "1", "email": "somebody@example.org", "tel": "+15035550123", "password": "another long password",
    "checkbox": "on",
}  # fmt: skip
TYPED = ("text", "textarea", "search")  # whose words must come back
UNSENT = ("submit", "button", "reset", "image", "file")


@dataclass
class Field:
    """One named field: its kind, and what a person would send."""

    name: str
    kind: str
    value: str


@dataclass
class FoundForm:
    """A form that is sent by POST, or an element that htmx sends."""

    action: str
    fields: list[Field] = field(default_factory=list)

    def data(self) -> dict[str, str]:
        """What is sent."""
        return {one.name: one.value for one in self.fields}


class _Reader(HTMLParser):
    """Reads the forms of a page. A field that stands outside names its form by `form`."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[FoundForm] = []
        self.by_id: dict[str, FoundForm] = {}
        self.later: list[tuple[str, Field]] = []
        self.extra: list[tuple[str, FoundForm | None]] = []
        self.form: FoundForm | None = None
        self.within: Field | None = None  # the select or textarea that is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, fields, what htmx sends."""
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._begin(got)
        for sent in ("hx-post", "formaction"):
            if sent in got:
                self.extra.append((got[sent], self.form))
        if tag in ("input", "textarea", "select", "button") and got.get("name"):
            self._field(tag, got)
        if tag == "option" and self.within is not None and self.within.kind == "select":
            value = got.get("value", "")
            if "selected" in got or not self.within.value:
                self.within.value = value

    def handle_endtag(self, tag: str) -> None:
        """What was open ends."""
        if tag == "form":
            self.form = None
        if tag in ("select", "textarea"):
            if tag == "textarea" and self.within is not None:
                self.within.value = self.within.value.strip() or WORDS
            self.within = None

    def handle_data(self, data: str) -> None:
        """The text of a textarea."""
        if self.within is not None and self.within.kind == "textarea":
            self.within.value += data

    def _begin(self, got: dict[str, str]) -> None:
        self.form = FoundForm(got.get("action") or self.address)
        only_script = "data-finder" in got and not got.get("action")  # finds among what is on the page
        if got.get("method", "get").lower() == "post" and not only_script:
            self.forms.append(self.form)
        if got.get("id"):
            self.by_id[got["id"]] = self.form

    def _field(self, tag: str, got: dict[str, str]) -> None:
        kind = got.get("type", "text") if tag == "input" else tag
        if kind in UNSENT or "disabled" in got or got["name"] == "csrfmiddlewaretoken":
            return
        kind = got.get("inputmode", kind) if kind == "text" else kind
        made = Field(got["name"], "hidden" if tag == "button" else kind, got.get("value", ""))
        if tag in ("input",) and not made.value:
            made.value = PLAUSIBLE.get(kind, "" if kind == "hidden" else WORDS)
        if tag in ("select", "textarea"):
            self.within = made
        if "form" in got:
            self.later.append((got["form"], made))
        elif self.form is not None:
            self.form.fields.append(made)

    def read(self) -> list[FoundForm]:
        """The forms, with the fields that stand outside them; a radio group and buttons of one name count once."""
        for name, made in self.later:
            if name in self.by_id:
                self.by_id[name].fields.append(made)
        found = [*self.forms, *(FoundForm(to, list(of.fields) if of else []) for to, of in self.extra)]
        for form in found:
            form.fields = list({one.name: one for one in reversed(form.fields)}.values())[::-1]
        return [form for form in found if form.action.startswith("/")]


def forms_of(html: str, address: str) -> list[FoundForm]:
    """Every form of the page that is sent by POST."""
    reader = _Reader(address.partition("#")[0])
    reader.feed(html)
    return reader.read()
