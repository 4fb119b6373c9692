# SPDX-License-Identifier: Apache-2.0
"""What holds for every page of vpnlog, asked of a real browser."""
import collections

import html5lib

TAB, ENTER, RIGHT = "\ue004", "\ue007", "\ue014"
WIDTHS = (360, 768, 1280)

SHOWN = "const shown = e => e.checkVisibility && e.checkVisibility();"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true); "

# Of what is wider than the page: its name.
TOO_WIDE = OPEN_ALL + SHOWN + """
const most = document.documentElement.clientWidth;
return [...document.querySelectorAll('body *')].filter(e => shown(e) && e.getBoundingClientRect().right > most + 1 &&
    !e.closest('svg') && !e.matches('thead, thead *')).map(e => e.tagName + '.' + e.className).slice(0, 5)
    .concat(document.documentElement.scrollWidth > most ? ['the page'] : []);"""

HEADINGS = SHOWN + "return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(shown).map(e => +e.tagName[1]);"

LANDMARKS = SHOWN + """
const n = name => [...document.querySelectorAll(name)].filter(shown).length;
return [n('header'), n('main'), n('footer'), document.scripts.length, document.querySelectorAll('[style],[onclick],[onload],' +
    '[onerror],img,iframe,object,embed,link,base,form').length];"""

# Pictures and links without a name, references to nothing, languages that are not said.
UNNAMED = SHOWN + """
const wrong = [], ids = new Set();
for (const e of document.querySelectorAll('[id]')) { if (ids.has(e.id)) wrong.push('id twice: ' + e.id); ids.add(e.id); }
for (const e of document.querySelectorAll('svg'))
    if (!(e.getAttribute('aria-hidden') === 'true' || (e.getAttribute('role') === 'img' && e.getAttribute('aria-label'))))
        wrong.push('svg without a name');
for (const e of document.querySelectorAll('a, summary, h1, h2, h3, h4, th'))
    if (!e.textContent.trim()) wrong.push('empty ' + e.tagName);
for (const e of document.querySelectorAll('a[href^="#"]'))
    if (!ids.has(e.getAttribute('href').slice(1))) wrong.push('link to nothing: ' + e.getAttribute('href'));
for (const e of document.querySelectorAll('[aria-labelledby]'))
    if (!ids.has(e.getAttribute('aria-labelledby'))) wrong.push('named by nothing');
for (const e of document.querySelectorAll('table')) {
    if (!e.querySelector('thead th[scope=col]')) wrong.push('table without heads');
    const n = e.querySelectorAll('thead th').length;
    for (const row of e.querySelectorAll('tbody tr')) if (row.cells.length !== n) wrong.push('row of another length');
}
if (!document.documentElement.lang || !document.title.trim()) wrong.push('no language, or no title');
const han = /[\\u4e00-\\u9fff]/;
for (const e of document.querySelectorAll('main *, header *, footer *'))
    if (!e.children.length && han.test(e.textContent) && !e.closest('pre') && e.closest('[lang]').lang === 'en') wrong.push('Chinese as English: ' + e.textContent);
return wrong.slice(0, 5);"""

# WCAG's contrast of every text with what is painted behind it, and of the bars.
CONTRAST = OPEN_ALL + SHOWN + """
const parse = c => c.match(/[\\d.]+/g).map(Number);
const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ratio = (a, b) => { const [x, y] = [lum(a), lum(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
const seen = {};
const note = (what, value) => { if (!(what in seen) || value < seen[what]) seen[what] = value; };
for (const e of document.querySelectorAll('body *')) {
    if (!shown(e)) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    note('text ' + e.tagName.toLowerCase() + '.' + (e.getAttribute('class') || ''),
        ratio(parse(e.closest('svg') ? style.fill : style.color), behind(e)));
}
for (const e of document.querySelectorAll('rect.up, rect.dn, rect.fl, rect.of, rect.fa'))
    if (shown(e)) note('bar ' + e.getAttribute('class'), ratio(parse(getComputedStyle(e).fill), behind(e)));
return seen;"""

MOVES = """return [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s' ||
    getComputedStyle(e).animationName !== 'none' || getComputedStyle(e).scrollBehavior === 'smooth' ||
    getComputedStyle(e.querySelector('h3') || e, '::before').transitionDuration !== '0s').map(e => e.tagName).slice(0, 5);"""

FOCUSED = """const e = document.activeElement, all = [...document.querySelectorAll('summary')];
return [e.tagName, all.indexOf(e), e.matches('summary') && e.parentElement.open,
    getComputedStyle(e).outlineStyle !== 'none' || e.matches('.pick')];"""


def parses(path):
    """What a strict HTML5 parser says of it; None: nothing."""
    try:
        html5lib.HTMLParser(strict=True).parse(path.read_bytes(), transport_encoding="utf-8")
    except html5lib.html5parser.ParseError as error:
        return str(error)
    return None


def in_order(levels):
    return levels[:1] == [1] and all(b <= a + 1 for a, b in zip(levels, levels[1:])) and levels.count(1) == 1


def every(tests, browser, name, path):
    """The checks of one page, in every size and palette."""
    tests.same(f"{name}: valid HTML", None, parses(path))
    browser.size(1280)
    browser.media()
    browser.open(path)
    tests.same(f"{name}: asks for nothing but itself", [path.as_uri()], browser.requests())
    tests.same(f"{name}: a header, a main part, a footer; nothing that runs or loads", [1, 1, 1, 0, 0],
               browser.run(LANDMARKS))
    tests.same(f"{name}: names and references", [], browser.run(UNNAMED))
    levels = browser.run(HEADINGS)
    tests.check(f"{name}: headings in order", in_order(levels), levels)
    for width in WIDTHS:
        browser.size(width)
        tests.same(f"{name}: nothing is wider than {width} pixels", [], browser.run(TOO_WIDE))
    tests.same(f"{name}: the console is clean", [], [it["message"] for it in browser.log("browser")])


def contrast(tests, browser, name, path):
    for scheme, media in (("light", ""), ("dark", ""), ("light", "print")):
        browser.media(scheme, media)
        browser.open(path)
        low = {what: round(value, 2) for what, value in browser.run(CONTRAST).items()
               if value < (4.5 if what.startswith("text") else 3)}
        tests.same(f"{name}: contrast, {media or scheme}", {}, low)
    browser.media(motion="reduce")
    browser.open(path)
    tests.same(f"{name}: nothing moves for who asks for that", [], browser.run(MOVES))
    browser.media()


def keyboard(tests, browser, name, path):
    """Tab comes to every summary that can be seen, says where it is, and Enter opens and closes what is there."""
    browser.size(1280)
    browser.open(path)
    wanted = set(browser.run(SHOWN + "return [...document.querySelectorAll('summary')].flatMap((e, i) => shown(e) ? [i] : []);"))
    opened, unseen, steps = collections.Counter(), [], 0
    before = set()
    while len(opened) < len(wanted) and steps < 500:
        browser.press(TAB)
        steps += 1
        tag, place, is_open, seen = browser.run(FOCUSED)
        if not seen and tag != "BODY":
            unseen.append(tag)
        if place < 0 or place in before:
            continue
        before.add(place)
        browser.press(ENTER)
        opened[place] += browser.run(FOCUSED)[2] != is_open
        browser.press(ENTER)
    tests.same(f"{name}: Tab and Enter open all {len(wanted)}", wanted, {it for it, n in opened.items() if n} & wanted)
    tests.same(f"{name}: one sees what has the focus", [], unseen)


def pictures(browser, name, path, folder, widths=WIDTHS[::2]):
    for scheme in ("light", "dark"):
        browser.media(scheme)
        for width in widths:
            browser.size(width)
            browser.open(path)
            browser.picture(folder / f"{name}-{scheme}-{width}.png")
    browser.media()
    browser.open(path)
    browser.pdf(folder / f"{name}.pdf")
