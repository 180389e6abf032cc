#!/usr/bin/env python3
"""Writes the list of words that may stand in a support bundle: those of the program's own sentences and settings.

usage: scripts/support_words.py > Sources/Services/Node/Support/SupportWords.swift

Run it when many messages changed. A word that is missing is hidden in bundles, which costs clearness and nothing else.
"""

import os
import re
import sys
import textwrap
from pathlib import Path

ROOTS = ["Services", "Bedside", "Chain", "Foundations/StrictYAML", "Foundations/TraceContexts", "Cryptography/Credentials",
         "Cryptography/Certificates", "Programs/wardline"]
# Tables of codes and pages, which no log line quotes.
SKIPPED = re.compile(r"Catalogue|EVMAdapter|Dashboard/|SupportWords|/Dev/")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,16}(?![A-Za-z0-9])")

# Values of labels and settings that stand in no sentence.
EXTRA = "trace debug info notice warning error critical GET POST PUT DELETE HEAD json text"

HEAD = '''/// The words that may stand in a support bundle: those of the program's own sentences, settings and error texts.
///
/// Written by scripts/support_words.py.
enum SupportWords {
    /// Case matters.
    static let all: Set<Substring> = Set(
        """
'''
TAIL = '''
        """.split { $0 == " " || $0 == "\\n" }
    )
}
'''


def main():
    here = Path(__file__).resolve().parent.parent
    words = set(EXTRA.split())
    for root in ROOTS:
        for file in sorted((here / "Sources" / root).rglob("*.swift")):
            if SKIPPED.search(str(file)):
                continue
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip().startswith("//"):
                    continue
                for literal in LITERAL.findall(line):
                    # Not what stands in addresses and examples, such as clinic:kgc:kgc=https://kgc.example:7408.
                    text = re.sub(r"\\\(.*?\)+|\\.", " ", literal)
                    text = re.sub(r"\S*\w[:=@/.]\w\S*", " ", text)
                    # A sentence, or a lower-case name such as a key of a configuration.
                    if " " in text.strip() or re.fullmatch(r"[a-z_-]+", text):
                        words.update(w for w in WORD.findall(text) if w.islower() or len(w) > 2)
                        words.update(w for w in re.split("[_-]", text) if re.fullmatch("[a-z]{2,16}", w))
    for number in range(1, 134):
        words.update(WORD.findall(os.strerror(number)))
    sys.stdout.write(HEAD)
    for line in textwrap.wrap(" ".join(sorted(words)), 108):
        sys.stdout.write(f"        {line}\n")
    sys.stdout.write(TAIL.lstrip("\n"))


main()
