"""What must become of a message, said without the agent: readings with their values, times and marks."""

from dataclasses import dataclass, field

# The least and the most that is taken for plausible, by LOINC code (docs/profiles.md, section 4): beyond it a mark.
PLAUSIBLE = {
    "8867-4": (20, 300), "9279-1": (3, 120), "2708-6": (40, 100), "8310-5": (25, 45), "8480-6": (30, 300),
    "8462-4": (10, 200), "8478-0": (20, 250), "76215-3": (30, 300), "76213-8": (10, 200), "76214-6": (20, 250),
}
UNITS = {
    "8867-4": "/min", "9279-1": "/min", "2708-6": "%", "8310-5": "Cel", "8480-6": "mm[Hg]", "8462-4": "mm[Hg]",
    "8478-0": "mm[Hg]", "76215-3": "mm[Hg]", "76213-8": "mm[Hg]", "76214-6": "mm[Hg]",
}


@dataclass
class Value:
    """A number with its digits as they stand in the message, or why there is none."""

    code: str
    number: str | None
    reason: str | None = None
    flags: frozenset = frozenset()

    @staticmethod
    def of(code, number, *flags):
        least, most = PLAUSIBLE[code]
        marks = set(flags)
        if float(number) < least:
            marks.add("implausible-low")
        if float(number) > most:
            marks.add("implausible-high")
        return Value(code, number, None, frozenset(marks))

    @staticmethod
    def absent(code, reason, *flags):
        return Value(code, None, reason, frozenset(flags))


@dataclass
class Expected:
    """One Observation: a value, or a panel's parts."""

    code: str
    channel: str | None
    # Milliseconds since 1970.
    time: int
    value: Value | None = None
    parts: dict = field(default_factory=dict)
    # Marks of the time, and of a value that is not part of a panel.
    flags: frozenset = frozenset()


@dataclass
class Message:
    """What is published, and what must come of it."""

    topic: str
    payload: bytes
    device: str
    # Moment of the recording, milliseconds since 1970.
    time: int
    readings: list
    # The reason code of its dead letter, if it is to have one.
    dead: str | None = None
    # Kinds of lies in it, 1 to 6, with how often.
    lies: dict = field(default_factory=dict)


def lie(message_lies, kind, count=1):
    message_lies[kind] = message_lies.get(kind, 0) + count
