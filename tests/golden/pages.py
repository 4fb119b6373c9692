#!/usr/bin/env python3
"""The pages: every link leads somewhere, every parameter has its section, every vendor is told how to log, and the rules that
one page shows are rules.

usage: pages.py VPNLOG RULES SOURCE"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VPNLOG, RULES, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
DOC = SOURCE / "packaging/doc"
SECTION_HEAD = "| type | default | mandatory | since |\n| --- | --- | --- | --- |\n"
results = []


def check(name, wrong):
    """wrong: what is wrong, one text each."""
    wrong = list(wrong)
    results.append(not wrong)
    print(f"{'FAIL' if wrong else 'ok  '} {name}{': ' if wrong else ''}{'; '.join(wrong[:8])}")


def read(path):
    return path.read_text("utf-8")


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.S)


def anchors(page):
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.*)$", without_code(read(page)), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(read(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = page.parent / path if path else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            yield target


def check_links():
    pages = [SOURCE / "README.md", SOURCE / "NEWS.md", SOURCE / ".github/SECURITY.md",
             *(SOURCE / "packaging").rglob("*.md"), *(SOURCE / "rules").rglob("*.md"), *(SOURCE / "tests").rglob("*.md")]
    for page in sorted(pages):
        check(f"links of {page.relative_to(SOURCE)}", broken_links(page))


def parameters():
    """Of omipsec, and those that mmipsec has too."""
    table = re.findall(r'^ *\[(P_\w+)\] = \{"(.*?)", eCmdHdlr', read(SOURCE / "plugin/rsyslog/params.c"), flags=re.M)
    names = [name for _, name in table]
    return names, names[:[key for key, _ in table].index("P_OUTPUT")]


def sections(page):
    part = re.search(r"^## Configuration parameters$(.*?)^## ", read(page), flags=re.S | re.M)[1]
    return dict(re.findall(r"^### (\S+)\n\n(.*?)(?=^### |\Z)", part, flags=re.S | re.M))


def row(section):
    return [cell.strip() for cell in section[len(SECTION_HEAD):].split("\n", 1)[0].strip("|").split("|")]


def wrong_section(name, section):
    if section is None:
        return "has no section"
    if not section.startswith(SECTION_HEAD) or len(row(section)) != 4 or row(section)[3] != "0.1.0":
        return "type, default, mandatory or since is missing"
    if not re.search(rf"```rsyslog\n[^`]*\b{re.escape(name)}=", section):
        return "has no example"
    return None


def check_module(page, names):
    found = sections(page)
    check(f"{page.name} has every parameter, with its table and an example",
          [f"{name} {wrong}" for name in names if (wrong := wrong_section(name, found.get(name)))])
    check(f"{page.name} has no other", set(found) - set(names))
    return found


def readme_defaults():
    rows = re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", read(SOURCE / "README.md"), flags=re.M)
    for names, defaults in rows:
        names, defaults = re.findall("`(.*?)`", names), re.findall(r"^\d+|(?<=, )\d+", defaults)
        yield from zip(names, defaults)


def check_vendors():
    heads = " ".join(re.findall(r"^## (.*)$", read(DOC / "gateways.md"), flags=re.M))
    vendors = {path: dict(re.findall(r"^  (name|product): (.*)$", read(path), flags=re.M))
               for path in (SOURCE / "rules/vendors").glob("*.yaml")}
    check("gateways.md has a heading for every vendor",
          [path.name for path, said in vendors.items() if not any(word in heads for word in said.values())])


def check_shown_rules():
    """The first file that writing-rules.md shows, instead of the one that came of it."""
    shown = re.search(r"```yaml\n(.*?)```", read(DOC / "writing-rules.md"), flags=re.S)[1]
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(RULES, pathlib.Path(folder) / "rules")
        (copy / "vendors/openiked.yaml").write_text(shown, "utf-8")
        run = subprocess.run([VPNLOG, "check", copy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check("writing-rules.md shows rules", [run.stdout.decode("utf-8")] if run.returncode else [])


def main():
    check_links()
    ours, tags = parameters()
    found = check_module(DOC / "omipsec.md", ours)
    check_module(DOC / "mmipsec.md", tags)
    check("the README's numbers are those of omipsec.md",
          [f"{name} is {default}" for name, default in readme_defaults()
           if name in found and not re.match(rf"{default}\b", row(found[name])[1])])
    check_vendors()
    check_shown_rules()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, 0 skipped")
    return 0 if all(results) and results else 1


if __name__ == "__main__":
    sys.exit(main())
