#!/usr/bin/env python3
"""Cuts the ICU data of Swift's Foundation down to what a server without a language of its own needs.

usage: trim_icu.py ARCHIVE DATA ASSEMBLY      prints SYMBOL

Reads the member icu_packaged_data.cpp.o of ARCHIVE (lib_FoundationICU.a, with `ar` and `objcopy`), writes the smaller data
to DATA, and to ASSEMBLY a source that defines __wrap_SYMBOL in place of the member's symbol. With the linker's option
`--wrap=SYMBOL` everything that asks for the old data gets the new, and the member is left out.

What goes: names and formats of languages other than English, all collations (nothing here sorts for people by a locale),
names of languages, regions, units and characters, line breaking, dictionaries for breaking Thai, Khmer, Lao,
Burmese, Chinese and Japanese text into words, transliteration, and East Asian character sets. What stays: the root locale
and English, time zones with their rules, calendars, currencies, normalization, and the character sets of one byte. A locale
that is not there is answered by the root's; that is ICU's documented fallback (ICU User Guide, "ICU Data").

The format of the data is ICU's `CmnD` package: a header, a count, pairs of 32-bit offsets of names and items, sorted by name.
"""

import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

MEMBER = "icu_packaged_data.cpp.o"
KEPT_LOCALES = {"root", "en", "en_001", "en_US", "en_US_POSIX"}
LOCALE = re.compile(r"[a-z]{2,3}(_[A-Za-z0-9]+)*")
DROPPED_FOLDERS = ("coll/", "lang/", "region/", "translit/", "unit/", "brkitr/line")
ALIGNMENT = 16


def run(*command):
    done = subprocess.run(command, check=True, capture_output=True)
    return done.stdout


def is_kept(name):
    """`name` is folder/item.kind without the package's prefix."""
    if name.startswith(DROPPED_FOLDERS) or name == "unames.icu":
        return False
    item = name.rsplit("/", 1)[-1]
    stem, _, kind = item.rpartition(".")
    if kind == "res" and LOCALE.fullmatch(stem):
        return stem in KEPT_LOCALES
    if kind == "dict":
        return False
    # Tables of one byte a character are small.
    return kind != "cnv" or None


def rebuild(data):
    header_size = struct.unpack_from("<H", data, 0)[0]
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD":
        sys.exit("trim_icu.py: this is not ICU's package of data")
    if data[8] != 0:
        sys.exit("trim_icu.py: big-endian data are not known here")
    count = struct.unpack_from("<I", data, header_size)[0]
    pairs = [struct.unpack_from("<II", data, header_size + 4 + 8 * i) for i in range(count)]
    ends = [offset for _, offset in pairs[1:]] + [len(data) - header_size]
    items = []
    for (name_offset, offset), end in zip(pairs, ends):
        start = header_size + name_offset
        name = data[start : data.index(b"\0", start)]
        content = data[header_size + offset : header_size + end]
        kept = is_kept(name.decode("ascii").split("/", 1)[1])
        if kept is None:
            kept = len(content) < 6_000
        if kept:
            items.append((name, content))
    table = 4 + 8 * len(items)
    names, positions = b"", []
    for name, _ in items:
        positions.append(table + len(names))
        names += name + b"\0"
    body = bytearray(struct.pack("<I", len(items)) + bytes(8 * len(items)) + names)
    for index, (_, content) in enumerate(items):
        body += bytes(-(header_size + len(body)) % ALIGNMENT)
        struct.pack_into("<II", body, 4 + 8 * index, positions[index], len(body))
        body += content
    return data[:header_size] + bytes(body), count, len(items)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    archive, out, assembly = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        whole, raw = Path(folder, MEMBER), Path(folder, "data")
        whole.write_bytes(run("ar", "p", archive, MEMBER))
        symbols = [line.split() for line in run("nm", "--defined-only", str(whole)).decode().splitlines()]
        if len(symbols) != 1 or not re.fullmatch(r"icudt\d+_dat", symbols[0][-1]):
            sys.exit(f"trim_icu.py: {MEMBER} does not hold the data alone: {symbols}")
        symbol = symbols[0][-1]
        run("objcopy", "-O", "binary", "-j", ".rodata", str(whole), str(raw))
        data = raw.read_bytes()
    smaller, before, after = rebuild(data)
    new = f"__wrap_{symbol}"
    out.write_bytes(smaller)
    assembly.write_text(
        f'    .section .rodata.{symbol},"a",@progbits\n    .globl {new}\n    .type {new},@object\n'
        f'    .balign {ALIGNMENT}\n{new}:\n    .incbin "{out}"\n    .size {new}, . - {new}\n'
        '    .section .note.GNU-stack,"",@progbits\n'
    )
    print(f"ICU data: {len(data):,} bytes in {before} items; {len(smaller):,} in {after} are kept", file=sys.stderr)
    print(symbol)


if __name__ == "__main__":
    main()
