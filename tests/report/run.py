#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG LOGS: the pages of vpnlog report and vpnlog runbook in a real Chromium.

Pictures of them, light, dark and printed, are left in LOGS/report.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "alerts"))

try:
    import html5lib  # noqa: F401
    import jsonschema
except ImportError as missing:
    print(f"skip report: {missing}: apt-get install python3-html5lib python3-jsonschema\n0 passed, 0 failed, 1 skipped")
    sys.exit(0)

import logs  # noqa: E402
import page  # noqa: E402
from browser import DRIVER, Browser  # noqa: E402
from parts import RSYSLOGD, Rsyslog, Scenario, poll  # noqa: E402
import vrp  # noqa: E402

MODULE, RULES, SCHEMA, VPNLOG, LOGS = sys.argv[1:]
SCENARIOS = HERE.parent / "scenarios"
LINES = HERE.parent / "lines"
WIKI = "https://wiki.example/vpn/"


class Tests:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, claim, good, told=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(f"ok   {claim}" if good else f"FAIL {claim}: {str(told)[:900]}", flush=True)

    def same(self, claim, expected, actual):
        self.check(claim, expected == actual, f"expected {expected!r}, got {actual!r}")

    def skip(self, why):
        self.skipped += 1
        print(f"skip {why}", flush=True)


def vpnlog(*args, **more):
    return subprocess.run([VPNLOG, args[0], "--rules", RULES, *map(str, args[1:])], capture_output=True, text=True, **more)


def report(work, name, *args):
    """A page of that name; the command has nothing to say about it."""
    path = work / f"{name}.html"
    done = vpnlog("report", "-o", path, *args)
    tests.same(f"{name}: is made", (0, "", ""), (done.returncode, done.stdout, done.stderr))
    return path


def write(work, name, data):
    path = work / f"{name}.log"
    path.write_bytes(data)
    return path


def text_of(browser, selector):
    return browser.run(page.SHOWN + f"return [...document.querySelectorAll({json.dumps(selector)})].filter(shown)"
                       ".map(e => e.textContent.trim().replace(/\\s+/g, ' '));")


def figures(browser):
    return dict(zip(text_of(browser, ".tiles dt"), text_of(browser, ".tiles dd")))


def tell_outages(browser, work, pictures):
    """What the page says is what happened; both languages, one at a time, by mouse and keyboard."""
    played = sorted(it for it in SCENARIOS.glob("*.log") if it.name[:2] in ("08", "11", "16", "24", "30"))
    path = report(work, "outages", "--language", "both", *played)
    page.every(tests, browser, "outages", path)
    page.contrast(tests, browser, "outages", path)
    page.keyboard(tests, browser, "outages", path)
    page.pictures(browser, "outages", path, pictures, page.WIDTHS)
    browser.open(path)
    tests.same("outages: English first", ["Tunnels by down time"], text_of(browser, "h2")[:1])
    browser.press(page.TAB)
    browser.press(page.RIGHT)
    tests.same("outages: Chinese by the keyboard", (["按断开时长排列的隧道"], "zh-CN"),
               (text_of(browser, "h2")[:1], browser.run(page.SHOWN + "return [...document.querySelectorAll('main > div')]"
                                                        ".filter(shown).map(e => e.lang).join();")))
    levels = browser.run(page.HEADINGS)
    tests.check("outages: headings in order, Chinese", page.in_order(levels), levels)


def tell_one(browser, work):
    """A scenario whose outages are known to the second."""
    browser.open(report(work, "one", SCENARIOS / "11a-flapping-replaced-by-down.log"))
    tests.same("one: the verdict", ["All up now, after 5 outages"], text_of(browser, "h1"))
    found = figures(browser)
    tests.same("one: the figures", {"tunnels": "1", "down now": "0", "outages": "5", "down in total": "17 min 20 s",
                                    "longest outage": "16 min 40 s", "availability": "25.7 %", "alerts": "2"}, found)
    tests.same("one: the strip in words", "Timeline: 5 outages, down for 17 min 20 s in total",
               browser.run("return document.querySelector('main .strip').getAttribute('aria-label');"))
    tests.same("one: it flaps", ["flapping"], text_of(browser, ".badge"))
    tests.same("one: every outage has a row", 5, browser.run("return document.querySelectorAll('.more tbody tr').length;"))
    said = vpnlog("replay", SCENARIOS / "11a-flapping-replaced-by-down.log").stdout
    tests.same("one: as many alerts as replay tells", said.count(" opened "), int(found["alerts"]))


def tell_nothing(browser, work):
    """What there is to say when there is nothing to tell."""
    for name, data, verdict in (("fine", logs.fine(), "No outage"), ("empty", b"", "No VPN line found"),
                                ("ordinary", (HERE.parent / "bench/ordinary.log").read_bytes(), "No VPN line found"),
                                ("strangers", (SCENARIOS / "12c-scanners-are-one-warning.log").read_bytes(), "No tunnel found")):
        path = report(work, name, write(work, name, data))
        page.every(tests, browser, name, path)
        tests.same(f"{name}: the verdict", [verdict], text_of(browser, "h1"))
    report(work, "timeless", write(work, "timeless", logs.TIMELESS))


def tell_many(browser, work, pictures):
    """However many tunnels: a page that opens, and says what it leaves out."""
    for n in (40, 4000):
        path = report(work, f"many{n}", write(work, f"many{n}", logs.many(n)))
        page.every(tests, browser, f"many{n}", path)
        tests.same(f"many{n}: the verdict", [f"1 of {n:,} tunnels is down"], text_of(browser, "h1"))
        tests.same(f"many{n}: the longest down first", f"SITE-{n - 1} → ", text_of(browser, "main h3")[1][:len(f"SITE-{n - 1} → ")])
    tests.same("many4000: what is left out is told", ["50 of 4,000 tunnels are shown.", "1,000 of 3,950 tunnels are shown."],
               [it for it in text_of(browser, ".note") if "tunnels are shown" in it])
    tests.check("many4000: of a size that opens anywhere", path.stat().st_size < 1 << 20, path.stat().st_size)
    browser.picture(pictures / "many.png")


def stay_text(browser, work, pictures):
    """Nothing in a log is more than text."""
    path = report(work, "hostile", "--language", "both", write(work, "hostile", logs.hostile()))
    page.every(tests, browser, "hostile", path)
    browser.run(page.OPEN_ALL)
    tests.same("hostile: nothing was run", None, browser.run("return window.__xss;"))
    shown = browser.run("return document.body.textContent;")
    for attack in logs.ATTACKS:
        if attack.isprintable() and "&" not in attack:
            tests.check(f"hostile: shows as text: {attack}", attack in shown)
    tests.check("hostile: entities are those of the log", "&lt;b&gt;&#x3c;i&#x3e;" in shown)
    tests.same("hostile: no control character, no mark of direction", [],
               [c for c in path.read_text() if c != "\n" and c != "\t" and not c.isprintable()])
    tests.check("hostile: they are spelled out", "\\u202e" in shown and "\\xfc" in shown and "#033[31m" in shown)
    browser.picture(pictures / "hostile.png")
    strange = work / "<b>\"'&\u202e.log"
    strange.write_bytes(logs.fine())
    name = report(work, "strange", strange)
    page.every(tests, browser, "a file of a strange name", name)


def tell_lines(browser, work, pictures):
    """Every labelled line of every vendor."""
    for language in ("en", "zh"):
        path = report(work, f"lines-{language}", "--language", language, "--runbook", WIKI, *sorted(LINES.glob("*.log")))
        page.every(tests, browser, f"lines-{language}", path)
    browser.picture(pictures / "lines-zh.png")


def runbook(browser, work, pictures):
    folder = work / "runbook"
    done = vpnlog("runbook", "--html", folder)
    tests.same("runbook: is made", (0, "", ""), (done.returncode, done.stdout, done.stderr))
    codes = [json.loads(it) for it in vpnlog("codes", "--json").stdout.splitlines()]
    names = {it["code"] + ("-" + it["variant"] if "variant" in it else "") + ".html" for it in codes}
    tests.same("runbook: a page for every code, and the index", names | {"index.html"}, {it.name for it in folder.iterdir()})
    tests.same("runbook: valid HTML", {}, {it.name: found for it in folder.iterdir() if (found := page.parses(it))})
    for name in ("index", "dpd_timeout", "authentication_fail-no_key"):
        page.every(tests, browser, f"runbook {name}", folder / f"{name}.html")
    browser.open(folder / "index.html")
    linked = browser.run("return [...document.querySelectorAll('li > a:not([href^=\"#\"])')].map(e => e.getAttribute('href'));")
    tests.same("runbook: the index links each, in both languages", sorted(2 * list(names)), sorted(linked))
    page.contrast(tests, browser, "runbook", folder / "dpd_timeout.html")
    page.pictures(browser, "runbook", folder / "dpd_timeout.html", pictures)
    return folder


def refuse(work):
    """Wrong usage is 2, what cannot be done is 1, and both are said."""
    for args, status, words in ((("report", "--state", "x", "y"), 2, "not both"), (("report", "/none"), 1, "/none"),
                                (("report", "--state", "/none"), 1, "/none"), (("report", "-o", "/none/x", "/dev/null"), 1, "/none/x"),
                                (("report", "--runbook", "ftp://x/"), 2, "ftp://x/"), (("runbook",), 2, "--html"),
                                (("runbook", "--html", "/dev/null/x"), 1, "/dev/null/x"), (("runbook", "-o", "x"), 2, "-o")):
        done = vpnlog(*args)
        tests.check(f"refused: vpnlog {' '.join(args)}", done.returncode == status and words in done.stderr, done)
    for slug in ("../../evil", "a/b", "Upper", "x.html", "_x", "index"):
        rules = work / "rules"
        shutil.copytree(RULES, rules, dirs_exist_ok=True)
        guide = rules / "guide.yaml"
        guide.write_text(guide.read_text().replace("slug: dpd_timeout\n", f"slug: {slug}\n"))
        done = subprocess.run([VPNLOG, "runbook", "--rules", rules, "--html", work / "evil"], capture_output=True, text=True)
        tests.check(f"refused: the code '{slug}'", done.returncode == 1 and "guide.yaml:" in done.stderr and
                    not (work / "evil").exists(), done)


def live(browser, work, pictures, folder):
    """rsyslogd's own state file; and its events point at pages that are there."""
    if not RSYSLOGD or not pathlib.Path(MODULE).exists():
        tests.skip("live: no rsyslogd, or no module")
        return
    sc = Scenario("live", work, MODULE, RULES, SCHEMA, VPNLOG)
    overrides = sc.write("overrides.yaml", "tunnels: [{match: {peer: 203.0.113.9}, name: \"Berlin\", runbook: \"https://own/berlin\"}]\n")
    rs = Rsyslog(sc, f'output="file" file="{sc.path("events")}" tunnelState="on" holdDown="0" overrides="{overrides}" '
                 f'runbookUrl="{WIKI}"').start()
    try:
        for i, reason in ((7, "dpd timeout"), (8, "<script>window.__xss=1</script>"), (9, "peer request")):
            rs.send(vrp.up("HQ", vrp.HQ, f"203.0.113.{i}", i, i, ago=60), vrp.down("HQ", vrp.HQ, f"203.0.113.{i}", i, reason, i, ago=30))
        rs.send(vrp.up("HQ", vrp.HQ, "203.0.113.10", 10, 10))
        poll(lambda: len([it for it in sc.json_lines("events") if it["event"]["kind"] == "alert"]) >= 3, 20)
    finally:
        sc.end()
    events = sc.json_lines("events")
    schema = jsonschema.Draft202012Validator(json.loads(pathlib.Path(SCHEMA).read_text()))
    tests.same("live: events and alerts as the schema has them", [], [error.message for it in events for error in schema.iter_errors(it)])
    found = {(it["event"]["kind"], it["rule"]["reference"]) for it in events if "rule" in it}
    tests.same("live: rule.reference; a tunnel's own runbook goes first", {
        ("event", WIKI + "dpd_timeout.html"), ("event", WIKI + "unknown_reason.html"), ("event", WIKI + "peer_request.html"),
        ("alert", WIKI + "dpd_timeout.html"), ("alert", WIKI + "unknown_reason.html"), ("alert", "https://own/berlin")}, found)
    tests.same("live: these pages are there", [], [it for _, it in found if it.startswith(WIKI) and not (folder / it[len(WIKI):]).exists()])
    path = report(work, "state", "--overrides", overrides, "--language", "both", "--state", sc.path("state/alerts.state"))
    page.every(tests, browser, "state", path)
    page.pictures(browser, "state", path, pictures)
    browser.open(path)
    tests.same("state: the verdict", ["3 of 4 tunnels are down"], text_of(browser, "h1"))
    tests.same("state: who is down", {"HQ → 203.0.113.7", "HQ → 203.0.113.8", "Berlin"}, set(text_of(browser, ".down h3")))
    tests.same("state: nothing was run", None, browser.run("return window.__xss;"))


def main():
    pictures = pathlib.Path(LOGS) / "report"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as root:
        work = pathlib.Path(root)
        refuse(work)
        if not shutil.which(DRIVER):
            tests.skip("the pages in a browser: NO CHROMIUM HERE: apt-get install chromium chromium-driver")
            return
        browser = Browser()
        try:
            tell_one(browser, work)
            tell_nothing(browser, work)
            tell_outages(browser, work, pictures)
            tell_many(browser, work, pictures)
            tell_lines(browser, work, pictures)
            stay_text(browser, work, pictures)
            live(browser, work, pictures, runbook(browser, work, pictures))
        finally:
            browser.close()


tests = Tests()
main()
print(f"{tests.passed} passed, {tests.failed} failed, {tests.skipped} skipped")
sys.exit(tests.failed > 0)
