"""How five kinds of monitors write a minute's numbers, what they write when they have none, and how they lie."""

from dataclasses import dataclass

HEART, PULSE, BREATHS, SATURATION, TEMPERATURE = "heart", "pulse", "breaths", "saturation", "temperature"
CODES = {HEART: "8867-4", PULSE: "8867-4", BREATHS: "9279-1", SATURATION: "2708-6", TEMPERATURE: "8310-5"}
PRESSURES = (("8480-6", "SYS", "NBPSys"), ("8462-4", "DIA", "NBPDias"), ("8478-0", "MEAN", "NBPMean"))
RATE, PERCENT, DEGREES = "264864^MDC_DIM_BEAT_PER_MIN^MDC", "262688^MDC_DIM_PERCENT^MDC", "268192^MDC_DIM_DEGC^MDC"
BREATH, MERCURY = "264928^MDC_DIM_RESP_PER_MIN^MDC", "266016^MDC_DIM_MMHG^MDC"
TERMS = {
    HEART: ("147842", "MDC_ECG_HEART_RATE", RATE),
    PULSE: ("149530", "MDC_PULS_OXIM_PULS_RATE", RATE),
    BREATHS: ("151562", "MDC_RESP_RATE", BREATH),
    SATURATION: ("150456", "MDC_PULS_OXIM_SAT_O2", PERCENT),
    TEMPERATURE: ("150344", "MDC_TEMP", DEGREES),
}
CUFF_TERMS = [("150301", "MDC_PRESS_CUFF_SYS"), ("150302", "MDC_PRESS_CUFF_DIA"), ("150303", "MDC_PRESS_CUFF_MEAN")]
NONINVASIVE_TERMS = [
    ("150021", "MDC_PRESS_BLD_NONINV_SYS"), ("150022", "MDC_PRESS_BLD_NONINV_DIA"),
    ("150023", "MDC_PRESS_BLD_NONINV_MEAN"),
]


@dataclass(frozen=True)
class Sentinel:
    """What stands for "no value": the text, its OBX-11, and what it becomes."""

    text: str
    status: str | None
    reason: str
    flag: str


@dataclass(frozen=True)
class Dialect:
    """One kind of monitor."""

    name: str
    topic: str
    # Written times have this zone behind them; None leaves it out.
    written_zone: str | None
    # Hours east of Greenwich that its local times are.
    hours_east: int
    status: str
    sentinels: tuple
    temperature_sentinels: tuple
    pressures: tuple
    # Whether its temperatures are known to be ten times too high at times: then they are scaled, else marked.
    scales_temperature: bool
    # Whether a code that contradicts its name is believed by its name (in a cuff's panel), or refused.
    believes_names: bool
    has_message_time: bool = True
    has_channels: bool = True

    def device(self, bed):
        return f"{self.name}-{bed:03d}"


def _no_value(*texts, reason="unknown", flag="sentinel"):
    return tuple(Sentinel(text, None, reason, flag) for text in texts)


CROSSED = (Sentinel("", "X", "error", "invalid-measurement"),)
NOT_A_NUMBER = _no_value("8388607", reason="not-a-number")
# Gateway time is Asia/Tokyo in this run: nine hours, and no daylight saving that would move with the date of the run.
GATEWAY_ZONE, GATEWAY_HOURS = "Asia/Tokyo", 9

HL7_DIALECTS = (
    Dialect(
        "mindray", "hl7/mindray/{device}", "+0900", GATEWAY_HOURS, "R", _no_value("-1", "-100", "-10000"),
        _no_value("-1", "-100", "-10000"), tuple(CUFF_TERMS), True, True,
    ),
    Dialect(
        "xh80x", "hl7/xh80x/{device}", None, 8, "F", _no_value("-999"), _no_value("-99.9", "-999"),
        tuple(NONINVASIVE_TERMS), True, False,
    ),
    Dialect(
        "comen", "hl7/comen/{device}", None, 8, "F", NOT_A_NUMBER, NOT_A_NUMBER, tuple(CUFF_TERMS), False, False,
    ),
    Dialect(
        "tr8", "hl7/tr8/{device}", None, 8, "", _no_value("-1"), _no_value("-1"), tuple(CUFF_TERMS), False, False,
        has_message_time=False, has_channels=False,
    ),
    Dialect(
        "pcd01", "hl7/pcd01/{device}", "+0000", 0, "R", CROSSED, CROSSED, tuple(NONINVASIVE_TERMS), False, False,
    ),
)
