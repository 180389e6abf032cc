"""Parties of a consortium in one Debian, each an instance `wardline-node@NAME` with a port of its own on loopback; used by package-test."""

STATE = "/var/lib/wardline-node"
GENESIS = "/etc/wardline/genesis.wlg"
CA_PORT, CENTER_PORT, CUSTODIAN_PORT = 7500, 7520, 7521
NUMBERS = (1, 2, 3, 4)
URLS = [f"https://localhost:{7510 + number}" for number in NUMBERS]
VALIDATORS = " ".join(f"--validator {url}" for url in URLS)
CHAIN = f"--genesis {GENESIS} {VALIDATORS}"


def as_node(command):
    return f"cd / && runuser -u wardline-node -- {command}"


class Parties:
    """What every party is set up with; `machine` runs commands as root, `check` and `wait_for` are package-test's."""

    def __init__(self, machine, check, wait_for):
        self.machine = machine
        self.check = check
        self.wait_for = wait_for

    def init(self, name, options):
        """Writes the configuration of a unit, and makes its folder."""
        self.machine.run(
            f"wardline node init --config /etc/wardline/nodes/{name}.yaml --state {STATE}/{name} --host localhost --yes {options} && "
            f"install -d -m 700 -o wardline-node -g wardline-node {STATE}/{name}")

    def token(self, file, role, organization, name, options=""):
        self.machine.run(as_node(
            f"wardline ca token --directory {STATE}/ca/authority --role {role} --org {organization} --name {name} "
            f"{options} --output {STATE}/{file}.token"))

    def enroll(self, folder, role, organization, name):
        """Token and enrolment of a server."""
        self.token(folder, role, organization, name, "--host localhost")
        self.machine.run(
            f"install -d -m 700 -o wardline-node -g wardline-node {STATE}/{folder} && " + as_node(
                f"wardline enroll --authority https://localhost:{CA_PORT} --token-file {STATE}/{folder}.token "
                f"--directory {STATE}/{folder}/identity --host localhost"))

    def unit(self, name):
        self.machine.run(as_node(f"wardline node check --config /etc/wardline/nodes/{name}.yaml"))
        # Returns when the ports are open.
        self.machine.run(f"systemctl enable --now wardline-node@{name}")

    def opened_by_owner(self):
        """The ids of all Observations that the custodian's keys open."""
        return self.machine.run(as_node(
            f"wardline owner open --identity {STATE}/custodian/identity --directory {STATE}/custodian/custodian "
            f"--privacy-center https://localhost:{CENTER_PORT} --ids-only")).stdout.split()
