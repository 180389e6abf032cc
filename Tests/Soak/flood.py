#!/usr/bin/env python3
"""Floods a privacy center with good, slow, half-open, oversized, replayed, forged and truncated envelopes.

A real `wardline node` behind TLS gets `--count` good envelopes over `--connections` connections, with all kinds of bad
ones among them. Every good one has to be stored once, every bad one refused with its status, and memory has to stay flat.
One line of JSON at the end; exit code 1 if something was not as it should be.
"""

import argparse
import asyncio
import collections
import hashlib
import json
import random
import secrets
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.consortium import Consortium  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

BODY_MAX = 4 << 20
# What a refused request must be answered with.
REFUSALS = {
    "forged": {422},
    "truncated": {422},
    "misplaced": {400, 422},
    "repeated-sequence": {409},
    "oversized": {413},
    "oversized-chunked": {413},
    "unsigned-garbage": {422},
    "replayed": {200},
}
SHARE_OF_BAD = 0.15
SLOW, SILENT, PLAIN = 12, 8, 8


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --flood", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="good envelopes (default 10,000)")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--size", type=int, default=2048, help="bytes in an envelope's record")
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"flood: seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="wardline-flood-") as folder:
        consortium = Consortium(Path(folder))
        try:
            consortium.start()
            report = Flood(Path(folder), consortium, arguments, seed).run()
        finally:
            consortium.terminate()
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


class Flood:
    """One flood against the first privacy center."""

    def __init__(self, folder, consortium, arguments, seed):
        self.node = consortium.centers[0]
        self.consortium = consortium
        self.arguments = arguments
        self.random = random.Random(seed)
        self.identity = consortium.enroll("gateway", "flooder")
        self.good = self._envelopes(folder / "good", arguments.count, 1)
        # Other envelopes under the sequence numbers of the good ones.
        self.repeated = self._envelopes(folder / "repeated", min(500, arguments.count), 1)
        self.statuses = collections.Counter()
        self.wrong = collections.Counter()
        self.stored = []
        self.closed = collections.Counter()
        self.memory = []

    def run(self):
        started = time.monotonic()
        asyncio.run(self._flood())
        seconds = time.monotonic() - started
        size, missing = self._count_stored()
        # Until then the allocator fills what it keeps; after 90,000 envelopes it has no more than after 20,000.
        half = max(self.memory[: max(1, len(self.memory) // 2)])
        growth = max(self.memory) - half
        report = {
            "good": len(self.good),
            "stored": size,
            "missing": missing,
            "statuses": dict(sorted(self.statuses.items())),
            "wrong": dict(self.wrong),
            "closedByDeadline": dict(self.closed),
            "rssAnonKiB": {"firstHalfMax": half, "max": max(self.memory), "end": self.memory[-1]},
            "seconds": round(seconds, 1),
            "putsPerSecond": round(sum(self.statuses.values()) / seconds),
        }
        flat = growth <= 16 * 1024
        deadlines = self.closed["slow"] == SLOW and self.closed["silent"] == SILENT and self.closed["plain"] == PLAIN
        report["ok"] = size == len(self.good) and not missing and not self.wrong and flat and deadlines
        report["memoryFlat"] = flat
        return report

    async def _flood(self):
        self.queue = collections.deque(self.good)
        self.finished = False
        watcher = asyncio.create_task(self._watch())
        strays = [asyncio.create_task(self._stray(kind)) for kind in ["slow"] * SLOW + ["silent"] * SILENT + ["plain"] * PLAIN]
        workers = self.arguments.connections - len(strays)
        await self._introduce()
        await asyncio.gather(*(self._worker() for _ in range(workers)))
        await asyncio.gather(*strays)
        self.finished = True
        await watcher

    async def _introduce(self):
        """The first envelope is refused until the center has the gateway's certificate."""
        connection = await Connection.open(self.node.port, self._context())
        status, _ = await connection.put(self.good[0])
        self._note("unknown-certificate", status, {424})
        certificate = (self.identity / "current" / "certificate.wlc").read_bytes()
        digest = tagged_hash("ECQV-CERT-ID", certificate).hex()
        status, _ = await connection.send("PUT", f"/v1/certificates/{digest}", certificate)
        self._note("certificate", status, {200, 201, 204})
        connection.close()

    async def _worker(self):
        connection = await Connection.open(self.node.port, self._context())
        while self.queue:
            if self.random.random() < SHARE_OF_BAD and self.stored:
                connection = await self._send_bad(connection)
            envelope = self.queue.popleft() if self.queue else None
            if envelope is None:
                break
            while True:
                try:
                    status, _ = await connection.put(envelope)
                except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                    connection = await Connection.open(self.node.port, self._context())
                    continue
                if status in (429, 503):
                    self.statuses[f"good {status}"] += 1
                    await asyncio.sleep(0.05 + 0.2 * self.random.random())
                    continue
                break
            self._note("good", status, {200, 201})
            self.stored.append(envelope)
        connection.close()

    async def _send_bad(self, connection):
        kind = self.random.choice(list(REFUSALS))
        victim = bytearray(self.random.choice(self.stored))
        try:
            status = await self._bad(connection, kind, victim)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            # A server may close instead of reading an oversized body to its end.
            status = 413 if kind.startswith("oversized") else 0
        if status not in (429, 503):
            self._note(kind, status, REFUSALS[kind])
        if status in (0, 413) or connection.is_closed():
            connection.close()
            return await Connection.open(self.node.port, self._context())
        return connection

    async def _bad(self, connection, kind, victim):
        if kind == "replayed":
            return (await connection.put(bytes(victim)))[0]
        if kind == "forged":
            victim[len(victim) - 1 - self.random.randrange(64)] ^= 1 << self.random.randrange(8)
            return (await connection.put(bytes(victim)))[0]
        if kind == "truncated":
            return (await connection.put(bytes(victim[: self.random.randrange(1, len(victim))])))[0]
        if kind == "misplaced":
            return (await connection.send("PUT", f"/v1/envelopes/{secrets.token_hex(32)}", bytes(victim)))[0]
        if kind == "repeated-sequence":
            return (await connection.put(self.random.choice(self.repeated)))[0] if self._all_sequences_stored() else 409
        if kind == "unsigned-garbage":
            return (await connection.put(b"WLE1" + secrets.token_bytes(600)))[0]
        if kind == "oversized":
            return await connection.send_oversized(BODY_MAX * 4)
        return await connection.send_oversized_chunked(BODY_MAX * 4)

    def _all_sequences_stored(self):
        # The numbers of `repeated` are the first ones of `good`, which are stored first.
        return len(self.stored) > len(self.repeated) + self.arguments.connections

    async def _stray(self, kind):
        """A client that holds a connection without finishing a request; the server has to end it."""
        context = None if kind == "plain" else self._context()
        reader, writer = await asyncio.open_connection("localhost", self.node.port, ssl=context)
        try:
            if kind == "slow":
                head = f"PUT /v1/envelopes/{secrets.token_hex(32)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"
                writer.write(head.encode())
            if kind == "plain":
                writer.write(b"GET / HTTP/1.1\r\n")
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                if kind == "slow":
                    writer.write(b"x")
                    await writer.drain()
                try:
                    answer = await asyncio.wait_for(reader.read(4096), 1)
                except asyncio.TimeoutError:
                    continue
                if not answer or kind == "slow" and b" 408 " in answer.split(b"\r\n")[0]:
                    break
            else:
                return
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
        self.closed[kind] += 1

    async def _watch(self):
        while not self.finished:
            self.memory.append(self.node.resident_kilobytes("RssAnon"))
            await asyncio.sleep(0.25)

    def _count_stored(self):
        status, body = self.consortium.request(self.node, "/v1/tree/head", self.identity)
        if status != 200:
            raise RuntimeError(f"the tree head is refused: {status} {body[:200]}")
        size = tree_size(body)
        missing = 0
        for envelope in self.random.sample(self.good, min(200, len(self.good))):
            status, _ = self.consortium.request(
                self.node, f"/v1/tree/inclusion?h1={index_pointer(envelope).hex()}", self.identity
            )
            missing += status != 200
        return size, missing

    def _note(self, kind, status, expected):
        self.statuses[f"{kind} {status}"] += 1
        if status not in expected:
            self.wrong[f"{kind} {status}"] += 1

    def _context(self):
        context = ssl.create_default_context(cafile=str(self.identity / "current" / "roots.pem"))
        context.load_cert_chain(self.identity / "current" / "tls.crt", self.identity / "current" / "tls.key")
        return context

    def _envelopes(self, path, count, first):
        return read_envelopes(self.identity, path, count, self.arguments.size, first)


def read_envelopes(identity, path, count, size, first_sequence):
    """Envelopes that wardline-sim seals for this gateway."""
    words = [
        program("wardline-sim"), "envelopes", "--identity", identity, "--count", count, "--size", size,
        "--first-sequence", first_sequence, "--scope-seed", "flood", "--output", path,
    ]
    subprocess.run([str(word) for word in words], check=True)
    blob, envelopes, offset = path.read_bytes(), [], 0
    while offset < len(blob):
        (length,) = struct.unpack_from(">I", blob, offset)
        envelopes.append(blob[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return envelopes


class Connection:
    """A keep-alive HTTP/1.1 connection, by hand so that it can misbehave."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, context):
        return cls(*await asyncio.open_connection("localhost", port, ssl=context))

    async def put(self, envelope):
        return await self.send("PUT", f"/v1/envelopes/{index_pointer(envelope).hex()}", envelope)

    async def send(self, method, path, body):
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()
        return await self._answer()

    async def send_oversized(self, length):
        head = f"PUT /v1/envelopes/{secrets.token_hex(32)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        self.writer.write(head.encode() + bytes(1 << 16))
        await self.writer.drain()
        return (await self._answer())[0]

    async def send_oversized_chunked(self, length):
        head = f"PUT /v1/envelopes/{secrets.token_hex(32)} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.writer.write(head.encode())
        chunk = b"10000\r\n" + bytes(1 << 16) + b"\r\n"
        for _ in range(length >> 16):
            self.writer.write(chunk)
            await self.writer.drain()
            if self.reader._buffer:  # an answer is there already
                break
        return (await self._answer())[0]

    async def _answer(self):
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 60)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:] if ":" in line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        self.ended = headers.get("connection", "").lower() == "close"
        return status, body

    def is_closed(self):
        return self.reader.at_eof() or getattr(self, "ended", False)

    def close(self):
        self.writer.close()


def tagged_hash(tag, *fields):
    """H(tag, fields...) of the specification."""
    parts = [b"WARDLINE-V1-" + tag.encode(), *fields]
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()


def index_pointer(envelope):
    """H1."""
    return tagged_hash("CBSRE-INDEX", envelope)


def tree_size(head):
    """The size in a signed tree head: "WLTH" || LP(id) || digest || u64 size || …"""
    (length,) = struct.unpack_from(">I", head, 4)
    return struct.unpack_from(">Q", head, 8 + length + 32)[0]


if __name__ == "__main__":
    sys.exit(main())
