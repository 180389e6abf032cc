#!/usr/bin/env python3
"""Collects the licences and notices of what is linked into the program.

usage: notices.py CHECKOUTS SWIFT_LICENSE > third-party-notices.txt

CHECKOUTS is SwiftPM's folder of dependencies. Licences that are the Apache License 2.0, whole and unchanged, are named
and not repeated. Packages that are only for other systems or for building are left out.
"""

import sys
from pathlib import Path

NOT_LINKED = {"swift-nio-transport-services", "swift-docc-plugin", "swift-docc-symbolkit"}
APACHE = "Apache License Version 2.0, January 2004"


def is_plain_apache(text):
    words = " ".join(text.split())
    return words.startswith(APACHE) and len(words) < 11_600 and "RUNTIME LIBRARY EXCEPTION" not in words.upper()


def files(package):
    found = [p for p in package.iterdir() if p.is_file() and p.name.upper().startswith(("LICENSE", "NOTICE"))]
    nested = [p for p in package.glob("Sources/**/LICENSE*") if p.is_file()]
    return sorted(found) + sorted(nested)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    checkouts = Path(sys.argv[1])
    packages = sorted(p for p in checkouts.iterdir() if p.is_dir() and p.name not in NOT_LINKED)
    if not packages:
        sys.exit(f"notices.py: {checkouts} holds no packages")
    print("Licences and notices of the packages that are linked into /usr/bin/wardline.\n")
    print("Apache-2.0 stands for the text in /usr/share/common-licenses/Apache-2.0.\n")
    for package in packages:
        texts = files(package)
        if not any("LICEN" in p.name.upper() for p in texts):
            sys.exit(f"notices.py: {package.name} has no licence file")
        print("=" * 100 + f"\n{package.name}\n" + "=" * 100 + "\n")
        for path in texts:
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(package)
            print(f"{name}: Apache-2.0\n" if is_plain_apache(text) else f"{name}:\n\n{text.strip()}\n")
    print("=" * 100 + "\nSwift runtime, Foundation and libdispatch\n" + "=" * 100 + "\n")
    print(Path(sys.argv[2]).read_text(encoding="utf-8").strip())


if __name__ == "__main__":
    main()
