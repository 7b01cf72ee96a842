"""The demo's plans: a first version signed at the end of the first week; the second comes with the medication arm."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import Demo, data, stories
from patients.measures import instruments
from patients.plan import actions
from patients.plan.enums import Agreement, Arm, Owner
from patients.plan.models import InterventionRow, Objective, ObjectiveRow, PlanVersion, ProblemRow
from patients.record.models import Patient

CRITERIA = "Scores in the range of everyday life for eight weeks, and the goal lived for two months; then a last visit."
GOALS = [
    "I want to go to bed without dreading the morning.", "I want to say no without a week of guilt.",
    "I want to sit through dinner and taste it.", "I want to pick up the phone when my sister calls.",
    "I want to get through a whole day and still like people.", "I want to walk into the meeting first for once.",
    "I want one quiet thought at a time.", "I want to sing in the car again.",
    "I want to be in the water, not beside it.", "I want to finish what I start, the small things first.",
    "I want to sleep in my own bed through a storm.", "I want to be angry and still be kind.",
    "I want to take the elevator to the dentist.", "I want my hands back from the worry.",
    "I want to laugh before noon.", "I want to be a good grandfather and a rested one.",
]  # fmt: skip
ENDINGS = ("mg a day", "days a week", "a week", "a day", "percent", "SUDS peak")
UNITS = {"taper": "mg", "lamotrigine": "mg", "lithium level": "mmol/L"}
COURSE = ((0.3, 0.4), (0.6, 0.7), (0.97, 0.9))  # how far into the course how much of the way was told
PATIENT_DOES = ("a walk outside before noon", "lights out at the same time", "one call to a friend", "an honest log")


def load(demo: Demo) -> str:
    """A signed first version for everybody; keeps the rows by the stories' keys for the steps that follow."""
    objectives: dict[str, dict[str, Any]] = demo.extra.setdefault("objectives", {})
    problems: dict[str, Any] = demo.extra.setdefault("problems", {})
    count = 0
    for story in stories():
        for key in filter(demo.patients.__contains__, story["patients"]):
            count += _of_story(demo, story, key, objectives, problems)
    for number, row in enumerate(data()["patients"]):
        if row["story"] is None and row["key"] in demo.patients:
            count += _of_other(demo, row, number, objectives, problems)
    return f"{count} plans signed"


def _of_story(demo: Demo, story: dict[str, Any], key: str, objectives: Any, problems: Any) -> int:
    person = next(row for row in data()["patients"] if row["key"] == key)
    goal = story["plan"]["goals"][0]
    day, therapist = demo.day(story["start_date"], 0, 4), demo.users[story["therapist"]]
    told = [
        (one, _numbers(one))
        for one in goal["objectives"]
        if f"({person['given']})" in one["measure"] or "(" not in one["measure"]
    ]
    measured = [(one, numbers) for one, numbers in told if numbers is not None]
    modality = next(s["modality"] for s in story["sessions"] if s["modality"] not in (None, "medication"))
    with demo.at(day, 15):
        version, problem = _begin(demo, person, goal["words"], story["plan"]["problems"][0]["words"])
        mine: dict[str, Any] = {}
        for one, (baseline, target, below) in measured:
            instrument = _instrument(one["measure"])
            row = _objective(
                problem,
                one["measure"],
                one["owner"],
                instrument,
                baseline,
                target,
                below,
                day,
                demo.users[story["therapist"]],
            )
            mine[one["key"]] = row.objective
        if not any(_instrument(one["measure"]) for one, _ in measured):
            row = _objective(
                problem,
                "PHQ-9 under 5",
                "both",
                "phq9",
                Decimal(12),
                Decimal(5),
                True,
                day,
                demo.users[story["therapist"]],
            )
            mine["phq9"] = row.objective
        _therapy(problem, modality, therapist)
        _sign(version, therapist)
    for one, (baseline, target, _) in measured:
        if not _instrument(one["measure"]) and not _apart(one["measure"])[1].startswith("mmol"):
            _readings(demo, story, mine[one["key"]], baseline, target)
    objectives[key], problems[key] = mine, problem.problem
    return 1


def _readings(demo: Demo, story: dict[str, Any], objective: Objective, baseline: Decimal, target: Decimal) -> None:
    """What the patient told of an objective on the way, in whole numbers."""
    first = demo.day(story["start_date"], 0, 4)
    last = min(demo.day(story["end_date"], 0), demo.today - timedelta(days=3))
    done = not target  # a taper that came to its end
    for part, way in COURSE:
        way = 1 if done and part == COURSE[-1][0] else way
        day = first + (last - first) * part
        value = (baseline + (target - baseline) * Decimal(str(way))).quantize(Decimal(1))
        with demo.at(day, 16):
            actions.record_reading(objective, value=value, on=day, by=demo.users[story["therapist"]])


def _of_other(demo: Demo, person: dict[str, Any], number: int, objectives: Any, problems: Any) -> int:
    weeks = max((score["weeks_ago"] for score in person.get("phq9_recent", [])), default=20)
    day = demo.today - timedelta(weeks=weeks, days=demo.today.weekday() - 4)
    if day >= demo.today:
        day = demo.today - timedelta(days=3)
    therapist = demo.users[person["therapist"]]
    first = next((score["total"] for score in person.get("phq9_recent", [])), 10)
    with demo.at(day, 15):
        version, problem = _begin(demo, person, GOALS[number % len(GOALS)], "")
        one = _objective(problem, "PHQ-9 under 5", "both", "phq9", Decimal(first), Decimal(5), True, day, therapist)
        two = actions.add_objective(
            problem, words=PATIENT_DOES[number % 4].capitalize(), owner=Owner.PATIENT, unit="times a week",
            baseline=0, target=3, target_on=day + timedelta(weeks=40), by=therapist,
        )  # fmt: skip
        actions.add_intervention(
            problem, arm=Arm.PATIENT, words=PATIENT_DOES[number % 4], frequency="three times a week", by=therapist
        )
        _therapy(problem, "CBT", therapist)
        _sign(version, therapist)
        actions.record_reading(two.objective, value=Decimal(number % 4), on=day, by=therapist)
    objectives[person["key"]], problems[person["key"]] = {"o1": one.objective, "o2": two.objective}, problem.problem
    return 1


def _begin(demo: Demo, person: dict[str, Any], goal: str, words: str) -> tuple[PlanVersion, ProblemRow]:
    patient: Patient = demo.patients[person["key"]]
    therapist = demo.users[person["therapist"]]
    condition = patient.conditions.filter(code=person["diagnoses"][0]).first()
    version = actions.draft(patient, by=therapist)
    title = words or (condition.title if condition else "What brought me here")
    problem = actions.add_problem(version, title=title[:200], goal_words=goal, condition=condition, by=therapist)
    return version, problem


def _objective(
    problem: ProblemRow, words: str, owner: str, instrument: str, baseline: Decimal, target: Decimal, below: bool,
    day: Any, by: Any,
) -> ObjectiveRow:  # fmt: skip
    words, unit = _apart(re.sub(r"\s*\(.*?\)", "", words))
    if instrument:
        name = instruments.everything()[instrument].short_name
        words = f"{name} {'under' if below else 'at most'} {target.normalize():f}"
    return actions.add_objective(
        problem, words=words[:1].upper() + words[1:], owner=owner, instrument=instrument,
        unit="" if instrument else unit, baseline=baseline, target=target, target_is_below=below,
        target_on=day + timedelta(weeks=80), by=by,
    )  # fmt: skip


def _apart(words: str) -> tuple[str, str]:
    """What is counted, and in which unit."""
    for ending in ENDINGS:
        if words.endswith(ending):
            return words.removesuffix(ending).rstrip(" ,"), ending
    return words, next((unit for beginning, unit in UNITS.items() if words.startswith(beginning)), "times")


def _therapy(problem: ProblemRow, modality: str, therapist: Any) -> InterventionRow:
    return actions.add_intervention(
        problem, arm=Arm.THERAPY, modality=modality, words="", frequency="weekly, then every other week",
        duration="six months, then review", provider=therapist, by=therapist,
    )  # fmt: skip


def _sign(version: PlanVersion, therapist: Any) -> None:
    version.refresh_from_db()
    version = actions.save(version, based_on=version.revision, discharge_criteria=CRITERIA, by=therapist)
    actions.sign(version, patient_agreed=Agreement.AGREED, by=therapist)


def _instrument(measure: str) -> str:
    key = measure.split(" ")[0]
    return key if key in instruments.everything() and instruments.everything()[key].range else ""


def _numbers(one: dict[str, Any]) -> tuple[Decimal, Decimal, bool] | None:
    """Start, aim, and whether the aim is to be under it; None where the story gives no numbers."""
    baseline, target = str(one["baseline"]), str(one["target"])
    first, second = re.search(r"\d+(\.\d+)?", baseline), re.search(r"\d+(\.\d+)?", target)
    if first is None or second is None or "/" in baseline or "," in baseline:
        return None
    return Decimal(first[0]), Decimal(second[0]), target.startswith("under")
