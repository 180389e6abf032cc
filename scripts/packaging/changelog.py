#!/usr/bin/env python3
"""Writes a Debian changelog from CHANGELOG.md.

usage: changelog.py CHANGELOG.md VERSION EPOCH MAINTAINER > changelog

VERSION is the package's version. EPOCH, seconds since 1970, dates it. The newest section of CHANGELOG.md becomes the newest
entry under VERSION; older sections follow under their own versions with the revision 1.
"""

import re
import sys
import textwrap
from calendar import timegm
from email.utils import formatdate
from pathlib import Path
from time import strptime

WIDTH = 78


def releases(text):
    """Yields (heading's version, list of bullet texts)."""
    for part in re.split(r"(?m)^## ", text)[1:]:
        heading, _, body = part.partition("\n")
        bullets, current = [], None
        for raw in body.split("\n"):
            if raw.startswith("- "):
                current = [raw[2:]]
                bullets.append(current)
            elif raw.startswith("  ") and current is not None:
                current.append(raw.strip())
            elif raw.strip():
                current = None
        yield heading.split()[0], heading, [" ".join(b) for b in bullets]


def entry(version, bullets, date, maintainer):
    lines = [f"wardline ({version}) unstable; urgency=medium", ""]
    for bullet in bullets:
        text = bullet.replace("`", "").replace("**", "")
        lines += textwrap.wrap(text, WIDTH, initial_indent="  * ", subsequent_indent="    ", break_long_words=False,
                               break_on_hyphens=False)
    if not bullets:
        lines.append("  * See CHANGELOG.md.")
    lines += ["", f" -- {maintainer}  {date}", ""]
    return "\n".join(lines)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    path, version, epoch, maintainer = sys.argv[1:]
    default = formatdate(int(epoch), localtime=False).replace("-0000", "+0000")
    for index, (name, heading, bullets) in enumerate(releases(Path(path).read_text(encoding="utf-8"))):
        day = re.search(r"\d{4}-\d{2}-\d{2}", heading)
        date = default
        if index > 0 and day:
            date = formatdate(timegm(strptime(day.group(), "%Y-%m-%d"))).replace("-0000", "+0000")
        print(entry(version if index == 0 else f"{name}-1", bullets, date, maintainer))


if __name__ == "__main__":
    main()
