# Helpers for the scripts beside this file; to be sourced from the top of the checkout.

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

has_command() { command -v "$1" > /dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

# Runs a command as root, by sudo if needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has_command sudo; then
        sudo "$@"
    else
        fail "root or sudo is needed for: $*"
    fi
}

require_swift() {
    has_command swift || fail "Swift 6.1 or later is needed and 'swift' is not on the PATH.
  Install it from https://www.swift.org/install/linux/ (Debian 12), then run this again."
}

# The Python environment of the independent FHIR validator and the JSON-Schema check, in .build/venv.
VALIDATOR_PYTHON=.build/venv/bin/python
make_validator_environment() {
    if "$VALIDATOR_PYTHON" -c 'import fhir.resources, ucumvert, jsonschema, yaml' 2> /dev/null; then return; fi
    say "Installing the independent FHIR validator's packages into .build/venv"
    mkdir -p .build
    python3 -m venv .build/venv
    "$VALIDATOR_PYTHON" -m pip install --quiet --disable-pip-version-check 'fhir.resources>=8,<9' ucumvert jsonschema pyyaml
}

# Checks NDJSON files of Observations with the validator.
validate_observations() { "$VALIDATOR_PYTHON" scripts/validate_fhir.py "$@"; }

# An MQTT client for the rigs that publish by themselves, in the same environment.
require_broker_client() {
    "$VALIDATOR_PYTHON" -c 'import paho.mqtt' 2> /dev/null ||
        "$VALIDATOR_PYTHON" -m pip install --quiet --disable-pip-version-check 'paho-mqtt>=2,<3'
}
