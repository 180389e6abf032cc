"""Dialects beside IHE's: Philips' MDIL codes with empty fields, and the recording's own lines of comma-separated values."""

from datetime import datetime, timezone

from .dialects import GATEWAY_HOURS, PRESSURES
from .expectation import Expected, Message, Value, lie
from .hl7 import EARLIER_SECONDS, local

# Column of the record, MDIL code, name and unit; the channel is the code.
EFFICIA = (
    ("HR", "8867-4", "0002-4182^HR^MDIL", "0004-0aa0^bpm^MDIL"),
    ("RESP", "9279-1", "0002-5000^Resp^MDIL", "0004-0ae0^rpm^MDIL"),
    ("SpO2", "2708-6", "0002-4bb8^SpO2^MDIL", "0004-0220^%^MDIL"),
)
EFFICIA_CUFF = ("0002-4a05^NBPs^MDIL", "0002-4a06^NBPd^MDIL", "0002-4a07^NBPm^MDIL")
EFFICIA_PROBES = ("0002-f0c7^T1^MDIL", "0007-f0c7^T2^MDIL")
# An empty field: a question mark on the screen, or nothing there.
EMPTY = (("X", "error", "invalid-measurement"), ("F", "not-performed", "not-displayed"))


class EfficiaWriter:
    """Local times of the gateway's zone without a zone; what is not there is an empty field with a status."""

    def __init__(self, bed):
        self.bed = bed
        self.device = f"efficia-{bed:03d}"

    def message(self, row, time, number, chance, rate):
        lies, readings, segments = {}, [], []
        lie(lies, 4)
        stamp, moment, assumed = local(time, GATEWAY_HOURS), time // 1000 * 1000, frozenset({"zone-assumed"})
        for column, code, term, unit in EFFICIA:
            if row[column] in ("", "0"):
                continue
            text, status, value = self._maybe_empty(code, row[column], chance, rate, lies)
            segments.append(f"OBX||NM|{term}||{text}|{unit}|||||{status}")
            readings.append(Expected(code, term.split("^")[0], moment, value, flags=value.flags | assumed))
        probes = EFFICIA_PROBES if chance.random() < rate else EFFICIA_PROBES[:1]
        if len(probes) > 1:
            lie(lies, 5)
        for place, term in enumerate(probes):
            tenths = 360 + (number * 7 + place * 3) % 25
            text, status, value = self._maybe_empty("8310-5", f"{tenths // 10}.{tenths % 10}", chance, rate, lies)
            segments.append(f"OBX||NM|{term}||{text}|0004-1710^C^MDIL|||||{status}")
            readings.append(Expected("8310-5", term.split("^")[0], moment, value, flags=value.flags | assumed))
        if row["NBPSys"] not in ("", "0"):
            self._cuff(segments, readings, row, time, assumed, chance, rate, lies)
        header = [
            f"MSH|^~\\&|^EfficiaCM||||{stamp}||ORU^R01^ORU_R01|{self.device}{number}|P|2.4",
            f"PV1|||^^LOCATION{self.bed}",
            f"OBR||||MONITOR|||{stamp}",
        ]
        payload = ("\r".join(header + segments) + "\r").encode()
        return Message(f"hl7/efficia/{self.device}", payload, self.device, time, readings, None, lies)

    def _maybe_empty(self, code, text, chance, rate, lies):
        if chance.random() >= rate:
            return text, "F", Value.of(code, text)
        lie(lies, 1)
        status, reason, flag = chance.choice(EMPTY)
        return "", status, Value.absent(code, reason, flag)

    def _cuff(self, segments, readings, row, time, assumed, chance, rate, lies):
        lie(lies, 6)
        earlier = time - chance.randrange(*EARLIER_SECONDS) * 1000 - 1000
        parts = {}
        for (code, _, column), term in zip(PRESSURES, EFFICIA_CUFF):
            text, status, parts[code] = self._maybe_empty(code, row[column], chance, rate * 0.3, lies)
            segments.append(
                f"OBX||NM|{term}||{text}|0004-0f20^mmHg^MDIL|||||{status}|||{local(earlier, GATEWAY_HOURS)}"
            )
        flags = assumed | {"measured-earlier"}
        readings.append(Expected("85354-9", None, earlier // 1000 * 1000, None, parts, flags))


CSV_COLUMNS = (
    ("HR", "8867-4", "ecg"), ("PULSE", "8867-4", "pleth"), ("RESP", "9279-1", None), ("SpO2", "2708-6", None),
    ("ABPSys", "76215-3", None), ("ABPDias", "76213-8", None), ("ABPMean", "76214-6", None),
)


class LineWriter:
    """The record's own rows, digit for digit; its 0 means a sensor that is off, and is a lie wherever it stands."""

    def __init__(self, bed):
        self.record = f"line-{bed:03d}"
        self.device = f"mimic2-{self.record}"

    def message(self, row, time, number, chance, rate):
        lies, readings = {}, []
        cells = dict(row)
        stamp = datetime.fromtimestamp(time // 1000, timezone.utc)
        cells["time"] = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        moment = time // 1000 * 1000
        for column, code, channel in CSV_COLUMNS:
            if chance.random() < rate:
                cells[column] = "0"
            value = self._value(code, cells[column], lies)
            if value:
                readings.append(Expected(code, channel, moment, value, flags=value.flags))
        parts = {code: self._value(code, cells[column], lies) for code, _, column in PRESSURES}
        if any(parts.values()):
            parts = {code: value for code, value in parts.items() if value}
            readings.append(Expected("85354-9", None, moment, None, parts))
        payload = ",".join(cells.values()).encode() + b"\n"
        return Message(f"physionet/{self.record}/numerics", payload, self.device, time, readings, None, lies)

    def _value(self, code, text, lies):
        if text == "":
            return None
        if text == "0":
            lie(lies, 1)
            return Value.absent(code, "not-performed", "sensor-off")
        return Value.of(code, text)
