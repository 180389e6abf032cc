"""A minute's numbers as one HL7 v2 message, with its lies, and what must come of it."""

from datetime import datetime, timedelta, timezone

from .dialects import BREATHS, CODES, GATEWAY_HOURS, HEART, MERCURY, NONINVASIVE_TERMS, PRESSURES, PULSE, SATURATION
from .dialects import TEMPERATURE, TERMS
from .expectation import Expected, Message, Value, lie

COLUMNS = {HEART: "HR", PULSE: "PULSE", BREATHS: "RESP", SATURATION: "SpO2"}
SUBS = {HEART: "1.7.1", PULSE: "1.7.2", BREATHS: "1.7.3", SATURATION: "1.7.4", TEMPERATURE: "1.7.5"}
SECOND_PROBE = "1.7.6"
# How long before its message a cuff's pressure was measured, seconds: half a minute to 25 minutes.
EARLIER_SECONDS = (30, 1_500)


class Writer:
    """Writes messages of one bed; everything that is chosen comes from the chance that is passed in."""

    def __init__(self, dialect, bed):
        self.dialect = dialect
        self.bed = bed
        self.device = dialect.device(bed)

    def message(self, row, time, number, chance, rate):
        """The message of a moment (ms since 1970); each kind of lie is told with the probability `rate`."""
        lies, readings = {}, []
        stamp, moment, time_flags = self._stamp(time, chance, rate, lies)
        segments, dead = [], None
        for parameter, column in COLUMNS.items():
            # 0 is the record's own word for a sensor that is off: such a monitor sends nothing of it.
            if row[column] in ("", "0") or (parameter == PULSE and not self.dialect.has_channels):
                continue
            term, text = TERMS[parameter][:2], row[column]
            if parameter == HEART and not self.dialect.believes_names and chance.random() < rate:
                # The number of the heart's rate under the name of the breaths'.
                segments.append(self._obx(len(segments), (term[0], "MDC_RESP_RATE"), SUBS[parameter], text, TERMS[parameter][2], stamp))
                dead = "code-conflict"
                lie(lies, 2)
                continue
            shown, value, status = self._maybe_absent(CODES[parameter], text, self.dialect.sentinels, chance, rate, lies)
            segments.append(self._obx(len(segments), term, SUBS[parameter], shown, TERMS[parameter][2], stamp, status))
            readings.append(self._expected(value, SUBS[parameter], moment, time_flags))
        self._temperatures(segments, readings, stamp, moment, time_flags, number, chance, rate, lies)
        if row["NBPSys"] not in ("", "0"):
            self._cuff(segments, readings, row, time, moment, stamp, time_flags, chance, rate, lies)
        header = self._header(stamp, number)
        return Message(
            self.dialect.topic.format(device=self.device), ("\r".join(header + segments) + "\r").encode(), self.device,
            time, readings, dead, lies,
        )

    # Parts

    def _header(self, stamp, number):
        sent = stamp if self.dialect.has_message_time else ""
        dot = "2.4" if self.dialect.name == "tr8" else "2.6"
        lines = [f"MSH|^~\\&|{self.device}^{self.device}^EUI-64|FAC|||{sent}||ORU^R01^ORU_R01|{number}|P|{dot}"]
        order = f"OBR|1|||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|||{sent}"
        return lines + ["PV1||I|ICU^^%d" % self.bed, order]

    def _obx(self, index, term, sub, text, unit, stamp, status=None):
        status = self.dialect.status if status is None else status
        sub = sub if self.dialect.has_channels else ""
        return f"OBX|{index + 1}|NM|{term[0]}^{term[1]}^MDC|{sub}|{text}|{unit}|||||{status}|||{stamp}"

    def _expected(self, value, sub, moment, time_flags):
        channel = sub if self.dialect.has_channels else None
        return Expected(value.code, channel, moment, value, flags=value.flags | time_flags)

    def _stamp(self, time, chance, rate, lies):
        """How the message writes its time, the moment that it means, and the marks that this must give."""
        if self.dialect.written_zone is None:
            # A monitor that never writes a zone: each of its messages is one lie.
            lie(lies, 4)
            return local(time, self.dialect.hours_east), time // 1000 * 1000, frozenset({"zone-assumed"})
        zone = self.dialect.written_zone
        if chance.random() >= rate:
            return local(time, self.dialect.hours_east) + zone, time // 1000 * 1000, frozenset()
        lie(lies, 4)
        kind = chance.choice(["no-zone", "no-dot", "zeros"] if self.dialect.name == "mindray" else ["no-zone"])
        if kind == "no-zone":
            return local(time, GATEWAY_HOURS), time // 1000 * 1000, frozenset({"zone-assumed"})
        if kind == "zeros":
            return local(time, self.dialect.hours_east) + ".0000" + zone, time // 1000 * 1000, frozenset()
        milliseconds = chance.randrange(1000)
        return (
            local(time, self.dialect.hours_east) + f"{milliseconds:03d}" + zone, time // 1000 * 1000 + milliseconds,
            frozenset({"irregular-time"}),
        )

    def _maybe_absent(self, code, text, sentinels, chance, rate, lies, share=1.0):
        """The text that is sent, what must come of it, and its OBX-11."""
        if chance.random() >= rate * share:
            return text, Value.of(code, text), None
        lie(lies, 1)
        chosen = chance.choice(sentinels)
        return chosen.text, Value.absent(code, chosen.reason, chosen.flag), chosen.status

    def _temperatures(self, segments, readings, stamp, moment, time_flags, number, chance, rate, lies):
        # The recording has no temperature: this one is made up, with two digits behind the point.
        probes = [SUBS[TEMPERATURE]]
        if self.dialect.has_channels and chance.random() < rate:
            probes.append(SECOND_PROBE)
            lie(lies, 5)
        for place, sub in enumerate(probes):
            hundredths = 3_600 + (number * 7 + place * 11) % 250
            text, value, status = f"{hundredths // 100}.{hundredths % 100:02d}", None, None
            if chance.random() < rate:
                lie(lies, 3)
                tenfold = f"{hundredths // 10}.{hundredths % 10}"
                if self.dialect.scales_temperature:
                    text, value = tenfold, Value.of("8310-5", text, "rescaled")
                else:
                    text, value = tenfold, Value.of("8310-5", tenfold)
            else:
                text, value, status = self._maybe_absent(
                    "8310-5", text, self.dialect.temperature_sentinels, chance, rate, lies
                )
            term, unit = TERMS[TEMPERATURE][:2], TERMS[TEMPERATURE][2]
            segments.append(self._obx(len(segments), term, sub, text, unit, stamp, status))
            readings.append(self._expected(value, sub, moment, time_flags))

    def _cuff(self, segments, readings, row, time, moment, stamp, time_flags, chance, rate, lies):
        """A panel, perhaps measured long before the message, perhaps with a wrong number for its systolic part."""
        flags = time_flags
        # Half of the cuffs were measured earlier: that is how monitors do it.
        if chance.random() < 0.5:
            lie(lies, 6)
            earlier = time - chance.randrange(*EARLIER_SECONDS) * 1000 - 1000
            zone = self.dialect.written_zone
            assumed = "zone-assumed" in time_flags
            hours = self.dialect.hours_east if zone is None or not assumed else GATEWAY_HOURS
            stamp = local(earlier, hours) + ("" if zone is None or assumed else zone)
            moment = earlier // 1000 * 1000
            flags = (time_flags - {"irregular-time"}) | {"measured-earlier"}
        terms = list(self.dialect.pressures)
        wrong = self.dialect.believes_names and chance.random() < max(rate, 0.3)
        if wrong:
            lie(lies, 2)
            # Both are seen in the field: another pressure's number under the cuff's name, and a shortened name.
            if chance.random() < 0.5:
                terms[0] = ("150031", "MDC_PRESS_CUFF_SYS")
            else:
                terms = [("150017", "NONINV_SYS"), *NONINVASIVE_TERMS[1:]]
        parts = {}
        for (code, _, column), term in zip(PRESSURES, terms):
            text, value, status = self._maybe_absent(code, row[column], self.dialect.sentinels, chance, rate, lies, 0.3)
            if code == "8480-6" and wrong:
                value = Value(value.code, value.number, value.reason, value.flags | {"code-conflict"})
            segments.append(self._obx(len(segments), term, "1.7.9" if self.dialect.has_channels else "", text, MERCURY, stamp, status))
            parts[code] = value
        readings.append(Expected("85354-9", None, moment, None, parts, flags))


def local(time, hours_east):
    """A moment (ms since 1970) as HL7 writes it in a zone, to the second."""
    zone = timezone(timedelta(hours=hours_east))
    return datetime.fromtimestamp(time // 1000, zone).strftime("%Y%m%d%H%M%S")

