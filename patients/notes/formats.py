"""The formats of a note (R-PN-01), and how switching between them loses nothing.

A note does not store sections of a format. It stores *parts*: texts under a key that says what the text is about
("subjective", "intervention", "plan"), the same key in every format that has such a section. A format is a way of
showing parts: an ordered list of sections, each showing the part of its own key. A part with text for which the format
has no section is shown in the nearest section, under a line with the part's own name, in a field of its own. So
switching never moves, joins or parses text: it changes what is shown where, and switching back shows what was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from patients.notes.enums import Format, Kind

Parts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a format. `key` is also the key of its part; an optional one may stay empty at signing."""

    key: str
    label: str
    hint: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A part as it is shown inside a section; `guest` where it comes from another format and carries its own name."""

    key: str
    label: str
    text: str
    guest: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A section with the parts that stand in it: its own first, then the guests."""

    section: Section
    fields: tuple[Field, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written in it."""
        return not any(field.text.strip() for field in self.fields)


INTERVENTION = Section("intervention", "Intervention", "What you did together.")
RESPONSE = Section("response", "Response", "How the person took it, what changed in the hour.")
PLAN = Section("plan", "Plan", "What happens next, who does it, by when.")
ASSESSMENT = Section("assessment", "Assessment", "What it means.")

FORMATS: Mapping[Format, tuple[Section, ...]] = {
    Format.SOAP: (
        Section("subjective", "Subjective", "What the person told you."),
        Section("objective", "Objective", "What you saw and measured."),
        ASSESSMENT,
        PLAN,
    ),
    Format.DAP: (Section("data", "Data", "What was said, seen and done."), ASSESSMENT, PLAN),
    Format.BIRP: (Section("behavior", "Behavior", "What you saw and heard."), INTERVENTION, RESPONSE, PLAN),
    Format.GIRP: (Section("goal", "Goal", "Which goal this was for."), INTERVENTION, RESPONSE, PLAN),
    Format.PIRP: (Section("problem", "Problem", "Which problem this was about."), INTERVENTION, RESPONSE, PLAN),
    Format.MED: (
        Section("interval", "Since the last visit", "How it has been: sleep, mood, events."),
        Section("medicines", "Medicines and their effects", "How they are taken, what they do, unwanted effects."),
        Section("mental_status", "Mental status", "What you saw."),
        Section("intervention", "Therapy in this visit", "Only where therapy minutes are recorded.", optional=True),
        ASSESSMENT,
        PLAN,
    ),
}

# What a part is called where it is a guest, and the sections it may stand in, nearest first.
NAMES: Mapping[str, str] = {section.key: section.label for sections in FORMATS.values() for section in sections} | {
    "intervention": "Intervention"
}
NEAREST: Mapping[str, tuple[str, ...]] = {
    "subjective": ("data", "interval", "behavior", "goal", "problem"),
    "objective": ("data", "mental_status", "behavior", "response"),
    "data": ("subjective", "behavior", "interval", "goal", "problem"),
    "behavior": ("objective", "data", "mental_status", "goal", "problem"),
    "goal": ("problem", "subjective", "data", "interval", "behavior"),
    "problem": ("goal", "subjective", "data", "interval", "behavior"),
    "intervention": ("objective", "data"),
    "response": ("assessment",),
    "assessment": ("response",),
    "interval": ("subjective", "data", "behavior", "goal", "problem"),
    "medicines": ("subjective", "data", "behavior", "goal", "problem"),
    "mental_status": ("objective", "data", "behavior", "response"),
    "plan": (),
}
KEYS = tuple(NEAREST)


def sections(note_format: str) -> tuple[Section, ...]:
    """The sections of a format in order. Raises ValueError for an unknown format."""
    return FORMATS[Format(note_format)]


def formats_for(kind: str) -> tuple[Format, ...]:
    """The formats that a kind of note may have, the usual one first (DAP for a session)."""
    if Kind(kind) is Kind.MEDICATION:
        return (Format.MED, Format.SOAP)
    return (Format.DAP, Format.SOAP, Format.BIRP, Format.GIRP, Format.PIRP)


def present(parts: Parts, note_format: str) -> tuple[Shown, ...]:
    """The note as the format shows it: every part that holds anything stands exactly once.

    Raises ValueError for a part whose key nobody knows: it would otherwise vanish from the page.
    """
    wanted = sections(note_format)
    own = {section.key for section in wanted}
    guests: dict[str, list[Field]] = {key: [] for key in own}
    for key in _known(parts):
        if key not in own and parts[key]:
            guests[home(key, note_format)].append(Field(key, NAMES[key], parts[key], guest=True))
    return tuple(
        Shown(section, (Field(section.key, section.label, parts.get(section.key, ""), False), *guests[section.key]))
        for section in wanted
    )


def home(key: str, note_format: str) -> str:
    """The key of the section in which a part stands in this format: its own, else the nearest."""
    keys = [section.key for section in sections(note_format)]
    return next(candidate for candidate in (key, *NEAREST[key], keys[0]) if candidate in keys)


def switch(parts: Parts, from_format: str, to_format: str) -> dict[str, str]:
    """The parts to store after switching: every text as it was, and an empty part for each new section (R-PN-01).

    Empty parts of the old format are dropped, so switching there and back gives the same note.
    """
    sections(from_format)
    kept = {key: parts[key] for key in _known(parts) if parts[key]}
    return {section.key: kept.get(section.key, "") for section in sections(to_format)} | kept


def field_keys(parts: Parts, note_format: str) -> tuple[str, ...]:
    """The keys of all fields the editor shows, in order; a form accepts exactly these."""
    return tuple(field.key for shown in present(parts, note_format) for field in shown.fields)


def as_text(parts: Parts, note_format: str) -> dict[str, str]:
    """One text a section, by the section's label, guests under a line with their name; for reading and print."""
    texts = {}
    for shown in present(parts, note_format):
        pieces = [f"{field.label}:\n{field.text}" if field.guest else field.text for field in shown.fields]
        texts[shown.section.label] = "\n\n".join(piece for piece in pieces if piece)
    return texts


def empty_sections(parts: Parts, note_format: str) -> tuple[Section, ...]:
    """The sections that must hold something at signing and hold nothing."""
    return tuple(s.section for s in present(parts, note_format) if s.is_empty and not s.section.optional)


def _known(parts: Parts) -> list[str]:
    """The keys of the parts, in the one order of KEYS. Raises ValueError for an unknown one."""
    if strange := set(parts) - set(KEYS):
        raise ValueError(f"Unknown parts of a note: {', '.join(sorted(strange))}")
    return [key for key in KEYS if key in parts]
