"""A real Prometheus with the shipped rules, their waiting times shortened."""

import json
import re
import shutil
import signal
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

from .paths import ROOT
from .processes import Process, free_port, wait_for_port

MONITORING = ROOT / "systemd/monitoring"
FOR = "3s"
RANGES = {"5m": "20s", "10m": "30s", "15m": "30s", "1h": "40s"}
# Numbers in expressions that stand for waiting, or for more than a small ward brings about.
NUMBERS = {
    "WardlineBacklogGrows": ("> 1000", "> 50"),
    "WardlineDeviceSilent": ("> 900", "> 20"),
    "WardlineOutboxOld": ("> 900", "> 5"),
    "WardlineAnchoringBehind": ("> 900", "> 5"),
    "WardlineValidatorBehind": ("> 20", "> 3"),
}


class Prometheus(Process):
    """Scrapes every second; agents and nodes are added and removed while it runs."""

    def __init__(self, folder, operator):
        folder.mkdir(parents=True)
        super().__init__(folder / "prometheus.log")
        self.folder = folder
        self.operators = {"wardline-node": operator}
        self.port = free_port()
        self.targets = {"wardline-agent": [], "wardline-node": []}
        self.rules = shipped_rules()
        (folder / "wardline-alerts.yml").write_text(yaml.safe_dump(shortened(self.rules)))
        self._write_targets()
        self._write_configuration()

    def start(self):
        super().start([
            shutil.which("prometheus") or "/usr/bin/prometheus", f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
        ])
        wait_for_port(self.port, self, seconds=60)
        # The port is open before the database is.
        deadline = time.monotonic() + 60
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError("Prometheus is not ready within 60 s")
            time.sleep(0.2)
        return self

    def _is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def know(self, consortium, operator):
        """Takes targets of a further consortium under this name."""
        self.operators[consortium] = operator
        self.targets[consortium] = []
        self._write_targets()
        self._write_configuration()
        self.send(signal.SIGHUP)

    def add(self, job, target):
        self.targets[job].append(target)
        self._write_targets()

    def remove(self, job, target):
        self.targets[job].remove(target)
        self._write_targets()

    # Asking

    def ask(self, path, **parameters):
        """An answer; on a machine with much to do the first attempts may find nobody at leisure."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    return json.load(answer)["data"]
            except urllib.error.HTTPError:
                # A query that it refuses is refused for ever.
                raise
            except OSError:
                if not self.is_running() or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def firing(self):
        """Names of the alerts that fire."""
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def labels(self, name):
        """What an alert that fires is about, for people: the labels of each instance."""
        alerts = [alert["labels"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"]
        return [{key: value for key, value in labels.items() if key not in ("alertname", "severity")}
                for labels in alerts if labels["alertname"] == name]

    def wait_for(self, alerts, seconds):
        """The seconds until all of them have fired; those that have not, after the time."""
        begun, missing = time.monotonic(), set(alerts)
        while missing and time.monotonic() < begun + seconds:
            missing -= self.firing()
            time.sleep(0.5)
        return time.monotonic() - begun, missing

    def wait_for_calm(self, but, seconds, lasting=10):
        """Waits until nothing fires but what is named; what fires still, after the time."""
        begun = since = time.monotonic()
        rest = set()
        while time.monotonic() < begun + seconds:
            rest = self.firing() - set(but)
            if rest:
                since = time.monotonic()
            elif time.monotonic() > since + lasting:
                return set()
            time.sleep(0.5)
        return rest

    def unanswered(self, queries, seconds):
        """Titles of the panels, of (title, expression), that show nothing after the time."""
        deadline = time.monotonic() + seconds
        while queries := [query for query in queries if not self.query(re.sub(r"\$(agent|node)", ".*", query[1]))]:
            if time.monotonic() > deadline:
                break
            time.sleep(1)
        return {title for title, _ in queries}

    # Details

    def _write_configuration(self):
        """The shipped one, with an interval and targets in files; nodes of a further consortium are asked as its operator."""
        shipped = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
        jobs = {job["job_name"]: job for job in shipped["scrape_configs"]}
        for name in self.operators.keys() - jobs.keys():
            further = {"job_name": name, "relabel_configs": [{"target_label": "job", "replacement": "wardline-node"}]}
            jobs[name] = json.loads(json.dumps(jobs["wardline-node"])) | further
        for name, job in jobs.items():
            job.pop("static_configs", None)
            job["file_sd_configs"] = [{"files": [str(self.folder / f"{name}.json")], "refresh_interval": "1s"}]
            if "tls_config" in job:
                current = self.operators[name] / "current"
                job["tls_config"] = {
                    key: str(current / file)
                    for key, file in [("ca_file", "roots.pem"), ("cert_file", "tls.crt"), ("key_file", "tls.key")]
                }
        times = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        configuration = shipped | {"scrape_configs": list(jobs.values()), "global": times}
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))

    def _write_targets(self):
        for job, targets in self.targets.items():
            path = self.folder / f"{job}.json"
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps([{"targets": targets}]))
            partial.rename(path)


def dashboards():
    """Of every Grafana dashboard by its file's name: (title, expression) of its panels."""
    found = {}
    for path in sorted(MONITORING.glob("wardline-*.json")):
        panels = json.loads(path.read_text())["panels"]
        found[path.name] = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
    return found


def shipped_rules():
    return yaml.safe_load((MONITORING / "wardline-alerts.yml").read_text())


def names(rules):
    return [rule["alert"] for group in rules["groups"] for rule in group["rules"]]


def shortened(rules):
    """The same rules with waiting times in seconds."""
    rules = json.loads(json.dumps(rules))
    for group in rules["groups"]:
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = FOR
            for long, short in RANGES.items():
                rule["expr"] = rule["expr"].replace(f"[{long}]", f"[{short}]")
            if rule["alert"] in NUMBERS:
                before, after = NUMBERS[rule["alert"]]
                if before not in rule["expr"]:
                    raise RuntimeError(f"{rule['alert']} has no '{before}' any more")
                rule["expr"] = rule["expr"].replace(before, after)
    return rules
