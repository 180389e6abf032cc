"""A FHIR server that fails in every way while the agent is killed: each Observation at the server exactly once.

Server and agent speak TLS as a hospital would have it: certificates of an authority of the rig's own, on both sides.
"""

import json
import random
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rig.agent import Agent
from rig.certificates import Certificates
from rig.processes import free_port

# Four Observations a message: what a server in Python takes beside everything else on two cores.
RATE_MAX = 300
IDENTIFIER = "identifier=urn:wardline:observation|"
EXAMPLES = 8


class Server(ThreadingHTTPServer):
    """Conditional creates and updates in memory; every third request or so goes wrong."""

    daemon_threads = True

    def __init__(self, seed, certificates):
        super().__init__(("127.0.0.1", free_port()), Handler)
        self.tls = server_side(certificates)
        self.handshakes = self.broken_handshakes = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        # By identifier: status and number of versions.
        self.stored = {}
        self.faults = dict.fromkeys(("500", "429", "503", "cut before", "cut after", "entry"), 0)
        self.requests = self.malformed = 0
        self.is_calm = False
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def url(self):
        return f"https://localhost:{self.server_address[1]}/r4"

    def start(self):
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def get_request(self):
        connection, address = super().get_request()
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def finish_request(self, request, client_address):
        """On the connection's own thread: nobody else waits for its handshake."""
        try:
            request.do_handshake()
        except OSError:
            # Of an agent that was killed in the middle of it.
            with self.lock:
                self.broken_handshakes += 1
            return
        with self.lock:
            self.handshakes += 1
        super().finish_request(request, client_address)

    def fault(self):
        """What goes wrong with the next request; None for nothing."""
        with self.lock:
            self.requests += 1
            if self.is_calm or self.random.random() >= 0.3:
                return None
            name = self.random.choice(("500", "429", "503", "cut before", "cut after"))
            self.faults[name] += 1
            return name

    def process(self, entry):
        """The status of one entry."""
        resource, request = entry["resource"], entry["request"]
        identifier = resource["identifier"][0]["value"]
        search = IDENTIFIER + identifier
        with self.lock:
            if not self.is_calm and self.random.random() < 0.01:
                self.faults["entry"] += 1
                return 503
            known = self.stored.get(identifier)
            if "id" in resource or resource["resourceType"] != "Observation":
                self.malformed += 1
                return 400
            if request == {"method": "POST", "url": "Observation", "ifNoneExist": search}:
                if known:
                    return 200
            elif request == {"method": "PUT", "url": "Observation?" + search}:
                if known:
                    self.stored[identifier] = (resource["status"], known[1] + 1)
                    return 200
            else:
                self.malformed += 1
                return 400
            self.stored[identifier] = (resource["status"], 1)
            return 201


def server_side(certificates):
    """TLS of a server that wants a certificate of the same authority from whoever comes."""
    certificates.issue_server("fhir")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.certificate("fhir"), certificates.key("fhir"))
    context.load_verify_locations(certificates.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/r4/metadata":
            return self._answer(404, {})
        self._answer(200, {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        fault = self.server.fault()
        if fault == "cut before":
            return self._cut()
        if fault in ("500", "429", "503"):
            return self._answer(int(fault), {"resourceType": "OperationOutcome"}, retry_after=fault != "500")
        statuses = [self.server.process(entry) for entry in json.loads(body)["entry"]]
        if fault == "cut after":
            return self._cut()
        entries = [{"response": {"status": f"{status} Status"}} for status in statuses]
        self._answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": entries})

    def _answer(self, status, document, retry_after=False):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/fhir+json")
        self.send_header("content-length", str(len(body)))
        if retry_after:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(body)

    def _cut(self):
        """The connection ends in the middle of an answer."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{")
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_):
        """Nothing: the figures are in the report."""


def fhir(bench):
    """`kill -9` of the agent while a FHIR server answers 500, 429 and 503, and cuts connections before and after its work."""
    certificates = Certificates(bench.folder / "certificates")
    server = Server(bench.random.randrange(1 << 32), certificates)
    server.start()
    bench.stack.callback(server.stop)

    class ServedAgent(Agent):
        """An agent with the server as a second sink."""

        def _sinks(self):
            return f"""\
sinks:
  - {{type: ndjson, name: out, path: {self.sink}}}
  - type: fhir
    name: server
    url: "{server.url}"
    entries_max: 50
    tls:
      ca_file: {certificates.authority}
      certificate_file: {certificates.certificate("wardline-agent")}
      key_file: {certificates.key("wardline-agent")}
"""

    bench.start(make=ServedAgent, rate=min(bench.arguments.rate, RATE_MAX))
    for _ in bench.cycle_numbers():
        bench.pause(0.3, 2.5)
        bench.agent.kill()
        bench.pause(0, 0.3)
        bench.agent.start()
    report = bench.verify()
    server.is_calm = True
    bench.agent.start()
    bench.agent.wait_until_ready(120)
    wait_until_delivered(bench.agent)
    bench.agent.terminate()
    wrong, examples = hold(server.stored, bench.agent.export())
    # A run in which the server did not fail shows nothing.
    calm = sum(count == 0 for count in server.faults.values()) if bench.cycles >= 10 else 0
    return report | {
        "atServer": len(server.stored), "requests": server.requests, "faults": server.faults, "examples": examples,
        "handshakes": server.handshakes, "brokenHandshakes": server.broken_handshakes,
        "failures": wrong + server.malformed + calm,
    }


def wait_until_delivered(agent, seconds=600):
    """Returns when no sink lacks an Observation."""
    deadline = time.monotonic() + seconds
    while agent.metric("wardline_sink_lag_observations") != 0:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server still lacks Observations after {seconds} s:\n{agent.log_tail()}")
        time.sleep(0.25)


def hold(stored, lines):
    """How many Observations are not at the server as the spool has them, once and in one version; and some of them."""
    wrong, examples, left = 0, [], dict(stored)
    for line in lines:
        observation = json.loads(line)
        found = left.pop(observation["id"], None)
        if found != (observation["status"], 1):
            wrong += 1
            if len(examples) < EXAMPLES:
                examples.append(f"{observation['id']}: {found}")
    examples += [f"{identifier}: of nobody" for identifier in list(left)[:EXAMPLES]]
    return wrong + len(left), examples
