# Helpers for the scripts beside this file; to be sourced from the top of the checkout.

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Says what the script is for: the comment at its top, and the options of the program behind it. Nothing is installed or built.
show_help() {
    local program
    program=$(dirname "$1")/$(basename "$1" | tr - _).py
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"
    if [ -e "$program" ]; then python3 "$program" --help 2> /dev/null | sed '1{/^usage:/s/^/\n/}' || true; fi
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

is_installed() { dpkg-query --show --showformat '${db:Status-Status}\n' "$1" 2> /dev/null | grep -qx installed; }

# Installs the Debian packages that are missing, and nothing when none is; no service of theirs is started.
require_packages() {
    local missing=() package policy=/usr/sbin/policy-rc.d made_policy='' outcome=0
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    [ "${#missing[@]}" -gt 0 ] || return 0
    has_command apt-get || fail "these packages are missing and there is no apt-get: ${missing[*]}"
    say "Installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # Without the policy file a package such as mosquitto would start its service for the whole machine.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null
        as_root chmod 755 "$policy"
        made_policy=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" || outcome=$?
    if [ -n "$made_policy" ]; then as_root rm -f "$policy"; fi
    [ "$outcome" -eq 0 ] || fail "apt-get could not install: ${missing[*]}"
}

# What the packages are built with, and what a Debian to try them in is made and started with.
PACKAGE_TOOLS=(binutils dpkg-dev python3)
PACKAGE_TEST_TOOLS=(debootstrap systemd-container util-linux)

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

# The scripts go to the top of the checkout first.
case "${1-}" in
-h | --help)
    case "$0" in /*) show_help "$0" ;; *) show_help "$OLDPWD/$0" ;; esac
    exit 0
    ;;
esac
