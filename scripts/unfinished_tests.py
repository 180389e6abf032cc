#!/usr/bin/env python3
"""Names the tests that a log of Swift Testing shows as started and never as ended."""

import re
import sys

STARTED = re.compile(r"^◇ Test (?!case |run )(.+) started\.$")
ENDED = re.compile(r"[✔✘] Test (?!case |run )(.+?) (?:with \d+ test cases? )?(?:passed|failed|skipped) after ")


def main() -> None:
    waiting: dict[str, int] = {}
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        for line in log:
            if match := STARTED.match(line.rstrip("\n")):
                waiting[match[1]] = waiting.get(match[1], 0) + 1
            elif match := ENDED.search(line):
                waiting[match[1]] = waiting.get(match[1], 0) - 1
    for name in sorted(name for name, count in waiting.items() if count > 0):
        print(f"did not end: {name}")


if __name__ == "__main__":
    main()
