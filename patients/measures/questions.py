"""The questions at the desk's device: one a page, in order, across the questionnaires that were handed out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patients.measures import instruments
from patients.measures.instruments import Alert, Instrument, Item

Answers = Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One page: the item of a questionnaire, and which page it is."""

    number: int
    instrument: Instrument
    item: Item
    position: int  # of the answer in the stored list

    @property
    def risk_alert(self) -> Alert | None:
        """The alert of this item that is about suicide or self-harm, if it has one (R-MB-07)."""
        return next((alert for alert in self.instrument.alerts if alert.n == self.item.n and alert.is_risk), None)

    def raises(self, value: int | None) -> bool:
        """Whether this answer must be answered at once (R-MB-07)."""
        alert = self.risk_alert
        return alert is not None and value is not None and value >= alert.least


def steps(keys: Sequence[str]) -> tuple[Step, ...]:
    """Every page in order, numbered from 1."""
    pages: list[Step] = []
    for key in keys:
        instrument = instruments.get(key)
        for position, item in enumerate(instrument.items):
            pages.append(Step(len(pages) + 1, instrument, item, position))
    return tuple(pages)


def blank(keys: Sequence[str]) -> dict[str, list[int | None]]:
    """Nothing answered yet."""
    return {key: [None] * len(instruments.get(key).items) for key in keys}


def answer_of(step: Step, answers: Answers) -> int | None:
    """The stored answer of a page."""
    return answers[step.instrument.key][step.position]


def asked(step: Step, answers: Answers) -> bool:
    """Whether a page is due: what is not scored (“how difficult …”) only if something before it was above 0."""
    if step.item.scored or step.item.required:
        return True
    return any((value or 0) > 0 for value in answers[step.instrument.key][: step.position])


def after(number: int, pages: Sequence[Step], answers: Answers) -> int | None:
    """The next page that is due; None: that was the last one."""
    return next((page.number for page in pages[number:] if asked(page, answers)), None)


def before(number: int, pages: Sequence[Step], answers: Answers) -> int | None:
    """The page before that is due; None: this is the first one."""
    return next((page.number for page in reversed(pages[: number - 1]) if asked(page, answers)), None)


def left_open(pages: Sequence[Step], answers: Answers) -> list[int]:
    """The pages that are due and have no answer."""
    return [page.number for page in pages if asked(page, answers) and answer_of(page, answers) is None]


def alert_sentence(instrument: Instrument, n: int, value: int) -> str:
    """What a flag says of the answer: "PHQ-9 item 9 was 2: more than half the days." """
    label = next((choice.label for choice in instrument.item(n).choices if choice.value == value), "")
    said = f": {label[:1].lower()}{label[1:]}" if label else ""
    return f"{instrument.short_name} item {n} was {value}{said}."
