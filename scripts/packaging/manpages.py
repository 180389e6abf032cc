#!/usr/bin/env python3
"""Writes manual pages from what the program says about itself.

usage: manpages.py HELP.json VERSION DATE DIRECTORY

HELP.json is the output of `wardline --experimental-dump-help`. There is one page for the program and one for each of its
commands (wardline-spool.1); a command's own subcommands are sections of its page. DATE is YYYY-MM-DD.
"""

import json
import re
import sys
from pathlib import Path

COMMON = {"help", "version"}
FILES = [
    ("/etc/wardline/agent.yaml", "configuration of the agent"),
    ("/etc/wardline/node.yaml", "configuration of a node"),
    ("/etc/wardline/devices", "device profiles of this site; they replace those of the same id in the catalogue"),
    ("/usr/share/wardline/devices", "the catalogue of device profiles"),
    ("/var/lib/wardline", "what the agent keeps: inbox, spool and identity"),
    ("/var/lib/wardline-node", "what nodes keep"),
]


def escape(text):
    """Text for troff: no character of it is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti").replace('"', "\\(dq")
    return "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)


def line(text):
    """One line of running text; a leading dot would be a request."""
    text = escape(text)
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def paragraphs(text):
    """A discussion: blocks between empty lines; indented lines are examples and keep their breaks."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        out.append(".PP")
        example = False
        for raw in block.split("\n"):
            indented = raw.startswith("  ")
            if indented != example:
                out.append(".EX" if indented else ".EE")
                example = indented
            out.append(line(raw if indented else raw.strip()))
        if example:
            out.append(".EE")
    return out


def shown(arguments):
    return [a for a in arguments if a.get("shouldDisplay", True)]


def name_of(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def bold(text):
    return f"\\fB{escape(text)}\\fR"


def italic(text):
    return f"\\fI{escape(text)}\\fR"


def in_synopsis(argument):
    if argument["kind"] == "positional":
        text = italic(argument["valueName"])
    else:
        text = bold(name_of(argument["preferredName"]))
        if argument["kind"] == "option":
            text += " " + italic(argument["valueName"])
    if argument["isOptional"]:
        text = f"[{text}]"
    return text + (" ..." if argument["isRepeating"] else "")


def synopsis(path, command):
    names = bold(" ".join(path))
    subcommands = [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    arguments = [in_synopsis(a) for a in shown(command.get("arguments", [])) if a["valueName"] not in COMMON]
    if subcommands:
        arguments.append(italic("command") if not command.get("defaultSubcommand") else f"[{italic('command')}]")
    return [f"{names} {' '.join(arguments)}".rstrip()]


def described(arguments):
    out = []
    for argument in shown(arguments):
        if argument["valueName"] in COMMON:
            continue
        if argument["kind"] == "positional":
            head = italic(argument["valueName"])
        else:
            head = ", ".join(bold(name_of(n)) for n in argument["names"])
            if argument["kind"] == "option":
                head += " " + italic(argument["valueName"])
        out += [".TP", head]
        text = argument.get("abstract", "").strip()
        if argument.get("discussion"):
            text = (text + " " + " ".join(argument["discussion"].split())).strip()
        values = argument.get("allValues")
        if values:
            text = f"{text} One of: {', '.join(values)}.".strip()
        if argument.get("defaultValue") is not None and argument["kind"] != "flag":
            text = f"{text} (default: {argument['defaultValue']})".strip()
        out.append(line(text) if text else "\\&")
    return out


def sections(path, command):
    """Each subcommand below `path`, depth first."""
    out = []
    for child in command.get("subcommands", []):
        if not child.get("shouldDisplay", True) or child["commandName"] == "help":
            continue
        here = path + [child["commandName"]]
        out += [f".SS {escape(' '.join(here[1:]))}"]
        out += synopsis(here, child)
        if child.get("abstract"):
            out += [".PP", line(child["abstract"])]
        if child.get("discussion"):
            out += paragraphs(child["discussion"])
        out += described(child.get("arguments", []))
        out += sections(here, child)
    return out


def page(path, command, version, date, others):
    title = "-".join(path)
    out = [
        ".\\\" Made from the program's own help; do not edit.",
        f'.TH {escape(title).upper()} 1 {escape(date)} "wardline {escape(version)}" "Wardline"',
        ".SH NAME",
        f"{escape(title)} \\- {escape(command.get('abstract', '').rstrip('.'))}",
        ".SH SYNOPSIS",
    ]
    out += synopsis(path, command)
    if command.get("discussion"):
        out += [".SH DESCRIPTION"] + paragraphs(command["discussion"])[1:]
    options = described(command.get("arguments", []))
    if options:
        out += [".SH OPTIONS"] + options
    if len(path) == 1:
        out += [".SH COMMANDS"]
        for child in command["subcommands"]:
            if child.get("shouldDisplay", True) and child["commandName"] != "help":
                out += [".TP", f"{bold(title + '-' + child['commandName'])}(1)", line(child.get("abstract", ""))]
        out += [".PP", f"Every command takes {bold('--help')}."]
        out += [".SH FILES"]
        for name, meaning in FILES:
            out += [".TP", italic(name), line(meaning)]
        out += [".SH EXIT STATUS", line("0 when all went well, 64 when the command line was wrong, else 1.")]
    else:
        below = sections(path, command)
        if below:
            out += [".SH COMMANDS"] + below
    out += [".SH SEE ALSO", ", ".join(f"{bold(other)}(1)" for other in others if other != title)]
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    program = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["command"]
    version, date, directory = sys.argv[2], sys.argv[3], Path(sys.argv[4])
    directory.mkdir(parents=True, exist_ok=True)
    root = program["commandName"]
    children = [
        c for c in program["subcommands"] if c.get("shouldDisplay", True) and c["commandName"] != "help"
    ]
    names = [root] + [f"{root}-{c['commandName']}" for c in children]
    (directory / f"{root}.1").write_text(page([root], program, version, date, names[1:]), encoding="ascii")
    for child in children:
        path = [root, child["commandName"]]
        others = [root] + (["wardline-node"] if child["commandName"] == "agent" else ["wardline-agent"])
        (directory / f"{'-'.join(path)}.1").write_text(page(path, child, version, date, others), encoding="ascii")


if __name__ == "__main__":
    main()
