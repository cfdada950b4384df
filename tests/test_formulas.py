"""Formulas as pictures."""

from __future__ import annotations

import re

import pytest
from sphinx.cmd import build

from digital_economy import formulas

MODEL = r"\Delta y_t = \mu + \beta\,\Delta x_t + \frac{\theta(B)}{\phi(B)}\varepsilon_t, \qquad \varepsilon_t \sim N(0, \sigma^2)"
SYSTEM = r"\begin{aligned} \boldsymbol{K}_t &= (1-\delta)K_{t-1} + \frac{I_t}{q_t},\\ \text{share} &= \sqrt{\sum_i x_i^2} \end{aligned}"
PAGE = """<!doctype html><script>MathJax = {{svg: {{fontCache: "none"}}, startup: {{typeset: false}}}}</script><script src="{}"></script>"""
SET = "async ([tex, display]) => { await MathJax.startup.promise; return (await MathJax.tex2svgPromise(tex, { display })).querySelector('svg').outerHTML }"


def outlines(svg: str) -> list[tuple[str, ...]]:
    return re.findall(r'<(?:path data-c|rect|svg)[^>]*? (?:d|width|viewBox)="([^"]*)"', svg)


@pytest.mark.parametrize(("tex", "display"), [(MODEL, True), (MODEL, False), (SYSTEM, True)])
def test_formula_is_what_mathjax_draws_in_a_browser(browser, tmp_path, tex: str, display: bool) -> None:
    (tmp_path / "page.html").write_text(PAGE.format((formulas.MATHJAX / "tex-svg.js").as_uri()))
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    theirs = page.evaluate(SET, [tex, display])
    page.close()
    assert outlines(formulas.drawn(tex, display=display)) == outlines(theirs) and len(outlines(theirs)) > 15


def test_formula_can_be_read_aloud_and_has_no_style_of_its_own() -> None:
    html = formulas.drawn("x_t")
    assert "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><msub><mi>x</mi><mi>t</mi></msub></math>" in html
    assert 'aria-hidden="true"' in html and not re.search(r"\sstyle=|<script|<style", formulas.drawn(SYSTEM, display=True))


@pytest.mark.parametrize(
    ("tex", "found"),
    [(r"\frac{a", "Missing close brace"), (r"\href{x}{y}", r"Undefined control sequence \href"), (r"\begin{aligned} x", r"Missing \end{aligned}")],
)
def test_unreadable_formula_is_refused(tex: str, found: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"formula {tex!r}: found {found}; right is TeX that MathJax reads")):
        formulas.drawn(tex)


@pytest.mark.parametrize("tex", ["x", "y_t", r"\frac{a}{b}", r"\sum_i x_i"])
def test_formula_stands_on_the_line(tex: str) -> None:
    """Its class lowers it by what its picture has below the line, to half a step of the style sheet."""
    html = formulas.drawn(tex)
    top, height = map(float, re.search(r'viewBox="\S+ (\S+) \S+ (\S+)"', html).groups())
    in_ex = float(re.search(r'height="([\d.]+)ex"', html)[1]) / height
    step = re.search(r'class="below-(\d+)"', html)[1]
    lowered = float(re.search(rf"\.below-{step} {{ vertical-align: (-?[\d.]+)ex; }}", formulas.style())[1])
    assert lowered == pytest.approx(-(height + top) * in_ex, abs=formulas.STEP / 2 + 0.001)


def test_page_has_each_outline_once() -> None:
    html = f"<p>{formulas.drawn('x_t = x_{t-1}')} and {formulas.drawn('x_t')}</p>"
    page = formulas.shared(html)
    drawn = dict(re.findall(r'<path id="([^"]+)" d="([^"]+)"', page))
    assert [drawn[name] for name in re.findall(r'<use href="#([^"]+)"', page)] == re.findall(r'<path data-c="[^"]*" d="([^"]+)"', html)
    assert len(set(drawn.values())) == len(drawn) == 5  # x, t, =, minus, 1
    more = formulas.shared(page + formulas.drawn("x_s"))  # a formula that came later
    assert re.findall(r'<path id="([^"]+)"', more)[1:] == list(drawn) and "<path data-c" not in more
    assert formulas.shared("<p>No formula</p>") == "<p>No formula</p>"


@pytest.mark.parametrize(("text", "told"), [(r":math:`\frac{a`", "index.rst:4: WARNING: formula"), (".. math:: x\n   :label: one\n", "index.rst:4: WARNING: formula: found the label 'one'")])
def test_build_names_the_line_of_a_formula_that_it_cannot_draw(tmp_path, capsys, text: str, told: str) -> None:
    (tmp_path / "conf.py").write_text('extensions = ["mathematics"]\nhtml_math_renderer = "picture"\n')
    (tmp_path / "index.rst").write_text(f"Title\n=====\n\n{text}\n")
    assert build.build_main(["-q", "-W", "--keep-going", str(tmp_path), str(tmp_path / "html")]) == 1
    assert told in capsys.readouterr().err
