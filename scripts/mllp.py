#!/usr/bin/env python3
"""What scripts/mllp does: senders that resend what was not acknowledged, and an agent that is killed meanwhile."""

import argparse
import json
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from rig.certificates import Certificates
from rig.paths import DEVICES, program
from rig.processes import Process, exit_on_sigterm, free_port

TOPIC = "hl7/mindray/gateway-1"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/mllp", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--senders", type=int, default=4, help="monitors beside the one bed whose patients come and go")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--tls", action="store_true", help="mutual TLS: strangers and plain text must be turned away")
    arguments = parser.parse_args()
    print(f"Seed: {arguments.seed}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardline-mllp-")))
        run = Run(folder, stack, arguments)
        return 0 if run.run() else 1


class ListeningAgent(Process):
    """An agent without any broker."""

    def __init__(self, folder, certificates=None):
        super().__init__(folder / "agent.log")
        tls = ""
        if certificates:
            files = [certificates.certificate("broker"), certificates.key("broker"), certificates.authority]
            names = ["certificate_file", "key_file", "client_ca_file"]
            tls = ", tls: {" + ", ".join(f"{name}: {file}" for name, file in zip(names, files)) + "}"
        self.port = free_port()
        for key in ["spool.key", "pseudonym.key"]:
            subprocess.run([program("wardline"), "spool", "generate-key", folder / key], check=True)
        self.configuration = folder / "agent.yaml"
        self.configuration.write_text(
            f"""version: 1
agent: {{id: mllp}}
state_directory: {folder}/state
spool: {{master_key_file: {folder}/spool.key}}
devices: {DEVICES}
patients: {{pseudonym_key_file: {folder}/pseudonym.key}}
adt: {{time_zone: utc}}
mllp:
  - {{name: beds, listen: "127.0.0.1:{self.port}", topic: {TOPIC}{tls}}}
log: {{level: warning}}
"""
        )

    def start(self):
        return super().start([program("wardline"), "agent", "--config", self.configuration])

    def wardline(self, *words):
        return subprocess.run(
            [program("wardline"), *words, "--config", self.configuration], check=True, capture_output=True, text=True
        ).stdout


def client_context(authority, own):
    """TLS 1.2 or later to a server of an authority, with a certificate of one's own or without."""
    context = ssl.create_default_context(cafile=str(authority.authority))
    if own:
        context.load_cert_chain(str(own.certificate("ward-bridge")), str(own.key("ward-bridge")))
    return context


class Sender(threading.Thread):
    """Sends one message after the other, each until it is acknowledged."""

    def __init__(self, connect, device, messages):
        super().__init__(daemon=True)
        self.connect = connect
        self.device = device
        self.messages = messages
        self.stopping = threading.Event()
        self.acknowledged = []
        self.unexpected = []
        self.resent = 0

    def run(self):
        connection = None
        for control, text, note in self.messages(self.device):
            attempts = 0
            while not self.stopping.is_set() or attempts > 0:
                try:
                    connection = connection or self.connect()
                    connection.sendall(b"\x0b" + text.encode() + b"\x1c\r")
                    answer = read_frame(connection)
                    break
                except OSError:
                    attempts += 1
                    connection = None
                    time.sleep(0.05)
            else:
                return
            self.resent += attempts > 0
            if f"MSA|AA|{control}\r" in answer:
                self.acknowledged.append(note)
            else:
                self.unexpected.append(answer)


def read_frame(connection):
    data = b""
    while not data.endswith(b"\x1c\r"):
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("closed")
        data += part
    return data.strip(b"\x0b\x1c\r").decode() + "\r"


class Clock:
    """True times, at least ten milliseconds apart: a clock that runs ahead would be corrected."""

    def __init__(self):
        self.last = 0

    def next(self):
        time.sleep(max(0, (self.last + 10) / 1000 - time.time()))
        self.last = max(self.last + 10, int(time.time() * 1000))
        moment = datetime.fromtimestamp(self.last / 1000, timezone.utc)
        return moment.strftime("%Y%m%d%H%M%S.") + f"{self.last % 1000:03d}+0000"


def reading(device, number, moment, bed):
    return (
        f"MSH|^~\\&|GATEWAY|ICU|||{moment}||ORU^R01|{device}-{number}|P|2.6\r"
        f"PV1||I|ICU^^{bed}\rOBR|1\r"
        f"OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|{60 + number % 100}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||"
        f"{moment}||||{device}\r"
    )


def monitor(device):
    """A monitor in a bed of nobody."""
    clock = Clock()
    number = 0
    while True:
        number += 1
        moment = clock.next()
        yield f"{device}-{number}", reading(device, number, moment, device), ("reading", device, clock.last, None)


def movement(event, patient, moment):
    return (
        f"MSH|^~\\&|HIS|HOSP|||{moment}||ADT^{event}|{event}-{patient}|P|2.5\rEVN||{moment}\r"
        f"PID|||{patient}^^^HOSP^MR\rPV1||I|ICU^^12\r"
    )


def bed_twelve(device):
    """One bed: a patient comes, is measured, goes; then the empty bed is measured."""
    clock = Clock()
    number = patient = 0
    while True:
        patient += 1
        name = f"patient-{patient}"
        yield f"A01-{name}", movement("A01", name, clock.next()), ("movement", None, patient, None)
        for owner in [name, name, name, None]:
            number += 1
            if owner is None:
                yield f"A03-{name}", movement("A03", name, clock.next()), ("movement", None, patient, None)
            moment = clock.next()
            yield f"{device}-{number}", reading(device, number, moment, "12"), ("reading", device, clock.last, owner)


class Run:
    def __init__(self, folder, stack, arguments):
        self.random = random.Random(arguments.seed)
        self.kills = arguments.kills
        self.certificates = Certificates(folder / "certificates") if arguments.tls else None
        self.agent = ListeningAgent(folder, self.certificates)
        stack.callback(self.agent.terminate)
        self.strangers = Certificates(folder / "strangers") if arguments.tls else None
        self.context = client_context(self.certificates, self.certificates) if arguments.tls else None
        self.turned_away = []
        self.late = []
        self.late_answers = 0
        devices = [f"M{index}" for index in range(1, arguments.senders + 1)]
        self.senders = [Sender(self.connect, device, monitor) for device in devices]
        self.senders.append(Sender(self.connect, "B12", bed_twelve))

    def connect(self, context=None):
        connection = socket.create_connection(("127.0.0.1", self.agent.port), timeout=20)
        context = context or self.context
        return context.wrap_socket(connection, server_hostname="localhost") if context else connection

    def try_strangers(self):
        """A client without a certificate, one of another authority, and one that speaks no TLS: nobody gets an answer."""
        text = reading("STRANGER", 1, Clock().next(), "99")
        contexts = {
            "no certificate": client_context(self.certificates, None),
            "another authority's certificate": client_context(self.certificates, self.strangers),
            "plain text": None,
        }
        for name, context in contexts.items():
            try:
                with socket.create_connection(("127.0.0.1", self.agent.port), timeout=5) as plain:
                    with context.wrap_socket(plain, server_hostname="localhost") if context else plain as connection:
                        connection.sendall(b"\x0b" + text.encode() + b"\x1c\r")
                        answered = b"MSA" in connection.recv(4096)
            except OSError:
                answered = False
            self.turned_away.append((name, not answered))

    def discharge_late(self):
        """A discharge comes a day after it happened: readings from behind it are nobody's, those from before are hers."""
        now = int(time.time())

        def moment(hours):
            return datetime.fromtimestamp(now - hours * 3600, timezone.utc).strftime("%Y%m%d%H%M%S+0000")

        def move(event, hours):
            return movement(event, "late-patient", moment(hours)).replace("ICU^^12", "ICU^^13")

        def measure(number, hours, is_hers):
            self.late.append(((now - hours * 3600) * 1000, is_hers))
            return reading("LATE", number, moment(hours), "13")

        texts = [
            move("A01", 26), measure(1, 25, True), move("A03", 24), measure(2, 23, False), measure(3, 25.5, True),
            measure(4, 26.5, False),
        ]
        with self.connect() as connection:
            for text in texts:
                connection.sendall(b"\x0b" + text.encode() + b"\x1c\r")
                self.late_answers += "MSA|AA|" in read_frame(connection)
                # The bed map follows a moment later.
                time.sleep(1)
        return len(texts)

    def run(self):
        self.agent.start()
        for sender in self.senders:
            sender.start()
        for _ in range(self.kills):
            time.sleep(self.random.uniform(0.2, 1.2))
            self.agent.kill()
            self.agent.start()
        time.sleep(1)
        self.late_messages = self.discharge_late()
        if self.certificates:
            self.try_strangers()
        for sender in self.senders:
            sender.stopping.set()
        for sender in self.senders:
            sender.join(60)
        time.sleep(2)
        self.agent.terminate()
        return self.check()

    def check(self):
        notes = [note for sender in self.senders for note in sender.acknowledged]
        readings = [note for note in notes if note[0] == "reading"]
        stored, raw = {}, []
        for line in self.agent.wardline("spool", "export").splitlines():
            found = json.loads(line)
            moment = round(datetime.fromisoformat(found["effectiveDateTime"]).timestamp() * 1000)
            raw.append(found["extension"][0]["extension"][0]["valueString"])
            stored.setdefault((found["device"]["identifier"]["value"], moment), []).append(found["subject"]["identifier"])
        owners = self.owners()
        count = sum(len(subjects) for subjects in stored.values())
        # Each message has one reading: its digest must be there once.
        doubled = max(count - len(stored), count - len(set(raw)))
        missing, wrong = 0, 0
        for _, device, moment, owner in readings:
            subjects = stored.get((device, moment), [])
            missing += not subjects
            wrong += any((subject.get("system") == "urn:wardline:patient") != (owner is not None) for subject in subjects)
        unexpected = sum(len(sender.unexpected) for sender in self.senders)
        dead = self.agent.wardline("deadletter", "list", "--summary").strip()
        resent = sum(sender.resent for sender in self.senders)
        checks = [
            (f"{len(readings)} readings and {len(notes) - len(readings)} movements acknowledged, {self.kills} kills", bool(readings)),
            (f"{resent} messages sent again after a lost connection", resent > 0 or self.kills == 0),
            (f"{missing} acknowledged readings lost of {count} stored", missing == 0),
            (f"{doubled} readings stored twice", doubled == 0),
            (f"{wrong} readings of bed 12 with the wrong owner; {owners} patients were there", wrong == 0 and owners > 0),
            (f"{unexpected} answers other than AA", unexpected == 0),
            (f"dead letters: {dead or 'none'}", not dead),
        ]
        late = [
            [subject.get("system") == "urn:wardline:patient" for subject in stored.get(("LATE", round(time)), [])] == [is_hers]
            for time, is_hers in self.late
        ]
        checks.append((
            f"{sum(late)} of {len(late)} readings around a discharge that came a day late have the right owner",
            all(late) and self.late_answers == self.late_messages,
        ))
        checks += [(f"turned away: {name}", passed) for name, passed in self.turned_away]
        checks.append(("nothing of a stranger is stored", not any(device == "STRANGER" for device, _ in stored)))
        for sentence, passed in checks:
            print(f"{'ok  ' if passed else 'FAIL'} {sentence}")
        return all(passed for _, passed in checks)

    def owners(self):
        rows = self.agent.wardline("associate", "list").splitlines()
        return sum(row.startswith("bed ICU/12\t") and row.endswith("\tadt") for row in rows)


if __name__ == "__main__":
    sys.exit(main())
