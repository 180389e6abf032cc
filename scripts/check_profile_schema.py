#!/usr/bin/env python3
"""Checks every Devices/*/profile.yaml against the JSON-Schema that editors use."""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[1]


class TextLoader(yaml.SafeLoader):
    """Reads YAML 1.2 as the agent does: no dates, and only true and false are booleans."""


TextLoader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if not tag.endswith(":timestamp") and not (tag.endswith(":bool") and letter not in "tTfF")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def main():
    schema = json.loads((ROOT / "docs/profile.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = 0
    profiles = sorted((ROOT / "Devices").glob("*/profile.yaml"))
    for profile in profiles:
        for error in validator.iter_errors(yaml.load(profile.read_text(), TextLoader)):
            errors += 1
            print(f"{profile.relative_to(ROOT)}: {error.json_path}: {error.message}")
    print(f"{len(profiles)} profiles, {errors} errors")
    return 1 if errors or not profiles else 0


if __name__ == "__main__":
    sys.exit(main())
