"""Links between the processes of chains, and what their servers answer while messages are carried."""

import time
from collections import Counter
from urllib.parse import urlsplit

from rig.traffic import Links, children, difference, inodes, kernel_sockets, listener, read_samples, scrape, wait_until_still

REST_SECONDS = 20
"""How long the servers are watched without messages, and how long nothing may be brought before all counts as carried."""
CARRIED_SECONDS = 600


class Traffic:
    """What is between the chains of a rig, as seen from its processes."""

    def __init__(self, alliances):
        self.alliances = alliances
        self._names = self._started()

    def measure(self, opening):
        """Links and answers while `opening`, which returns how many exchanges it opened, and its messages run."""
        wait_until_still(self._accepted, CARRIED_SECONDS, REST_SECONDS)
        rest = self._watched(lambda: time.sleep(REST_SECONDS))
        links = Links(lambda: self._names)
        links.start()
        opened = []
        try:
            busy = self._watched(lambda: opened.append(self._carried(opening)))
        finally:
            links.stop()
        return {
            "exchanges": opened[0],
            "links": links.report(),
            "submissions": busy["submissions"],
            "submissions_per_exchange": sum(busy["submissions"].values()) / opened[0],
            "answered": busy["answered"],
            "answered_seconds": busy["seconds"],
            "answered_at_rest": rest["answered"],
            "answered_at_rest_seconds": rest["seconds"],
            "answered_per_exchange_above_rest": above_rest(busy, rest, opened[0]),
        }

    def _carried(self, opening):
        """How many exchanges were opened, once nothing more of them is brought."""
        count = opening()
        wait_until_still(self._accepted, CARRIED_SECONDS, REST_SECONDS)
        return count

    # Processes

    def _started(self):
        """(chain, kind, number) by process identifier. Processes of `wardline dev` are known by where they listen."""
        names, sockets, started = {}, kernel_sockets(), children()
        for chain in self.alliances.all:
            own = started.get(chain.dev.pid, [])
            names |= {pid: (chain.name, "other", number) for number, pid in enumerate(own, 1)}
            holders = {inode: pid for pid in own for inode in inodes(pid)}
            for number, node in enumerate(chain.dev.validators, 1):
                pid = listener(urlsplit(node.url).port, sockets, holders)
                if pid is None:
                    raise RuntimeError(f"nobody is seen to listen at {node.url}")
                names[pid] = (chain.name, "validator", number)
            for kind, nodes in (("verification node", chain.attesters), ("gateway", chain.gateways)):
                names |= {node.pid: (chain.name, kind, number) for number, node in enumerate(nodes, 1)}
        return names

    # Counters

    def _servers(self):
        """(chain, kind), address and the operator's identity of every server whose requests are counted."""
        for chain in self.alliances.all:
            operator = chain.dev.identity("operator-1")
            for kind, nodes in (("validator", chain.dev.validators), ("verification node", chain.attesters)):
                for node in nodes:
                    yield (chain.name, kind), node.url, operator

    def _gateway_texts(self):
        # A gateway serves under the certificate that it has of the relay chain's authority.
        operator = self.alliances.hub.dev.identity("operator-1")
        gateways = [gateway for chain in self.alliances.chains for gateway in chain.gateways]
        return {gateway.url: scrape(gateway.url, operator) for gateway in gateways}

    def _accepted(self):
        """Leaves that all gateways together have brought."""
        texts = self._gateway_texts().values()
        return sum(sum(read_samples(text, "wardline_relay_accepted_total").values()) for text in texts)

    def _read(self):
        answered = {
            (who, url): read_samples(scrape(url, operator), "wardline_http_requests_total")
            for who, url, operator in self._servers()
        }
        submitted = {url: read_samples(text, "wardline_relay_submissions_total") for url, text in self._gateway_texts().items()}
        return time.monotonic(), answered, submitted

    def _watched(self, body):
        """By how much counters grow while the body runs."""
        begun, answered, submitted = self._read()
        body()
        ended, answered_then, submitted_then = self._read()
        answers, submissions = {}, Counter()
        for (who, url), samples in answered_then.items():
            rows = answers.setdefault(" ".join(who), Counter())
            for labels, count in difference(samples, answered[who, url]).items():
                labels = dict(labels)
                # Asking for these figures, and whether a server is up, is no traffic of chains.
                if labels["route"] not in ("/metrics", "/healthz", "/readyz"):
                    rows[f"{labels['method']} {labels['route']} {labels['status']}"] += count
        for url, samples in submitted_then.items():
            for labels, count in difference(samples, submitted[url]).items():
                labels = dict(labels)
                submissions[f"{labels['kind']} {labels['outcome']}"] += count
        return {"seconds": ended - begun, "answered": answers, "submissions": submissions}


def above_rest(busy, rest, exchanges):
    """Answers for each exchange by chain and kind, without as many as there are at rest in the same time."""
    share = busy["seconds"] / rest["seconds"]
    return {
        who: (sum(rows.values()) - share * sum(rest["answered"].get(who, {}).values())) / exchanges
        for who, rows in busy["answered"].items()
    }
