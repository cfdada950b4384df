"""The Chinese edition: texts become messages and translations find their way back, or the build says what is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import vl_convert as vlc
from babel.messages.catalog import Message
from bs4 import BeautifulSoup

from digital_economy import charts
from translation import __main__ as commands
from translation import catalogues, edition, search
from translation.catalogues import Found
from translation.kept import shared
from translation.messages import marks_agree
from translation.specification import chart_slots, localise, wrap
from translation.walk import page_slots

NAMES = {"digital economy size": "数字经济规模", "Mining": "采矿业"}
TERMS = {"digital economy": {"数字经济"}, "digital economy TFP": {"数字经济全要素生产率"}, "public data": {"公共数据", "公开数据"}}


def page(body: str) -> BeautifulSoup:
    return BeautifulSoup(f"<html><body>{body}</body></html>", "html.parser")


def messages(body: str) -> list[str]:
    return [slot.message for slot in page_slots(page(body), NAMES)]


def translated(body: str, chinese: dict[str, str]) -> str:
    soup = page(body)
    for slot in list(page_slots(soup, NAMES)):
        slot.put(chinese[slot.message])
    return soup.body.decode_contents()


# -- messages -----------------------------------------------------------------------------------------


def test_a_sentence_is_one_message_whose_marks_may_change_their_order() -> None:
    sentence = (
        '<p><strong>Data.</strong> Of <span class="pasted-text">42</span> sectors in 2024, see the '
        '<a href="x"><span class="doc">ledger</span></a> and <code>load</code>.</p>'
    )
    message = "<0>Data.</0> Of {1} sectors in 2024, see the <2>ledger</2> and {3}."
    assert messages(sentence) == [message]
    assert translated(sentence, {message: "<0>数据。</0>见<2>台账</2>和{3}，2024年{1}个部门。"}) == (
        '<p><strong>数据。</strong>见<a href="x"><span class="doc">台账</span></a>和<code>load</code>，'
        '2024年<span class="pasted-text">42</span>个部门。</p>'
    )


def test_in_what_code_wrote_numbers_and_names_of_columns_are_marks_and_elements_messages_of_their_own() -> None:
    shown = '<div class="cell_output"><p>From −1.5 to 2,000 in 5G (n_obs): <a href="x">the source</a></p></div>'
    assert messages(shown) == ["From {0} to {1} in 5G ({2}): {3}", "the source"]


def test_words_in_a_formula_are_messages_and_it_is_drawn_anew() -> None:
    formula = r'<p><span class="math notranslate" data-tex="y = \text{Mining} \cdot \text{ for all } x">as it was</span></p>'
    assert messages(formula) == ["for all"]  # the other is a name of the tables
    chinese = page(translated(formula, {"for all": "对所有"})).find(attrs={"data-tex": True})
    assert chinese["data-tex"] == r"y = \text{采矿业} \cdot \text{ 对所有 } x"
    assert [words.get_text().strip() for words in chinese.find_all("mtext")] == ["采矿业", "对所有"]
    assert chinese.svg is not None and "as it was" not in chinese.get_text()


@pytest.mark.parametrize(
    "left",
    [
        "<pre>code here</pre>",
        '<p><span class="math notranslate">\\(some math\\)</span></p>',
        '<p><span id="id3">[<a class="reference internal" href="r.html#id9" title="Some title.">Vangel, 1996</a>]</span></p>',
        '<p lang="zh">统计 words</p>',
        "<p>3.5 – 4%</p>",
        "<td>2024年通信业统计公报 (copy)</td>",
        '<script>let words = "some words";</script>',
    ],
)
def test_code_formulas_citations_numbers_and_chinese_are_left(left: str) -> None:
    assert messages(left) == []


def test_lines_and_blocks_are_messages_of_their_own_and_white_space_stays() -> None:
    caption = '<p><span class="caption-number">Chart 3 </span><span class="caption-text">Two lines</span><a class="headerlink" href="#">#</a></p>'
    assert messages(caption) == ["Chart {0}", "Two lines"]
    assert ">图表3 <" in translated(caption, {"Chart {0}": "图表{0}", "Two lines": "两条线"})
    assert messages("<li>One line<br/>another<ul><li>inner</li></ul></li>") == ["One line", "another", "inner"]


def test_attributes_that_are_read_are_messages() -> None:
    button = '<button aria-label="Close it" data-things="claims"><i class="icon"></i></button>'
    assert messages(button) == ["Close it"]
    done = translated(button, {"Close it": "关闭"})
    assert 'aria-label="关闭"' in done and 'data-things="claims"' in done


def test_names_come_from_the_tables_and_are_no_messages() -> None:
    row = "<td>Mining</td><td><a>digital economy size (2024)</a></td><td>digital economy size (from May)</td>"
    table = f'<div class="cell_output"><table><tr>{row}</tr></table></div>'
    assert messages(table) == ["from May"]
    assert "<td>采矿业</td><td><a>数字经济规模（2024）</a></td><td>数字经济规模（五月起）</td>" in translated(table, {"from May": "五月起"})


def test_a_row_that_has_a_name_in_both_languages_keeps_both() -> None:
    row = '<div class="cell_output"><table><tr><td>采矿业</td><td>Mining</td></tr></table></div>'
    assert translated(row, {}) == row


def test_a_list_of_choices_is_translated_choice_by_choice() -> None:
    cell = '<div class="cell_output"><p>two-way, Mining, all years, imports removed</p></div>'
    assert messages(cell) == ["two-way", "all years", "imports removed"]
    assert "双向，采矿业，全部年份，剔除进口" in translated(cell, {"two-way": "双向", "all years": "全部年份", "imports removed": "剔除进口"})


def test_the_tables_of_the_project_name_sectors_claims_and_terms() -> None:
    names = catalogues.names()
    assert names["digital economy size"] == "数字经济规模"
    assert names["total factor productivity (TFP)"] == "全要素生产率"
    assert "public data" not in names, "its Chinese depends on what is meant"


@pytest.mark.parametrize(
    ("translation", "right"),
    [
        ("{1}的<0>甲</0>", True),
        ("<0>甲{1}</0>", True),
        ("<0>甲</0>", False),
        ("<0>甲</0>{1}{1}", False),
        ("{1}</0>甲<0>", False),
        ("<0>甲</0>{1}{2}", False),
    ],
)
def test_a_translation_holds_each_mark_once_and_closes_what_it_opens(translation: str, right: bool) -> None:
    assert marks_agree("<0>one</0> of {1}", translation) is right


# -- charts -------------------------------------------------------------------------------------------


def test_every_word_in_the_picture_of_a_chart_is_a_message() -> None:
    frame = pd.DataFrame({"year": [2020, 2021], "series": ["first line", "second line"], "value": [1.0, 2.0]})
    spec = charts.lines(frame, title="Two lines since 2020", unit="per cent", description="Lines end at 2.0.").to_dict()
    chinese = {
        "Two lines since {0}": "{0}年以来的两条线",
        "Lines end at {0}.": "终点为{0}。",
        "first line": "第一条",
        "second line": "第二条",
        "per cent": "百分比",
        "year": "年份",
        "series": "序列",
    }
    for slot in list(chart_slots(spec, NAMES)):
        slot.put(chinese[slot.message])
    text = "".join(BeautifulSoup(vlc.vegalite_to_svg(spec), "html.parser").stripped_strings)
    assert "2020年以来的两条线" in text and "第一条" in text and "百分比" in text
    assert not [character for character in text if character.isascii() and character.isalpha()]
    assert spec["description"] == "终点为2.0。"
    assert {entry["title"] for entry in spec["layer"][0]["encoding"]["tooltip"]} == {"年份", "序列", "百分比"}


def test_labels_break_at_the_chinese_colon() -> None:
    frame = pd.DataFrame({"label": ["a: b"], "series": ["one line"], "value": [1.0]})
    spec = charts.dots(frame, title="A dot", unit="points", description="A dot.").to_dict()
    localise(spec)
    assert "split(datum.label, '：')" in json.dumps(spec, ensure_ascii=False)


def test_chinese_titles_break_after_any_character_but_not_before_a_stop_or_in_a_word() -> None:
    assert wrap("数字经济，占GDP的比重", 10) == ["数字经济，", "占GDP的比", "重"]
    assert wrap("one two three", 8) == ["one two", "three"]


# -- catalogues ---------------------------------------------------------------------------------------


def fill(folder: Path, chinese: dict[str, str]) -> None:
    """Fill the catalogues of a folder as a translator does."""
    for path in folder.rglob("*.po"):
        text = path.read_text(encoding="utf-8")
        for english, translation in chinese.items():
            text = text.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{translation}"')
        path.write_text(text, encoding="utf-8")


def found(**pages: list[str]) -> list[Found]:
    return [Found(page, message, message.replace("{0}", "3")) for page, texts in pages.items() for message in texts]


def test_translations_follow_their_messages_and_those_of_changed_ones_are_fuzzy(tmp_path: Path) -> None:
    first = found(a=["shared by two", "It rose to {0} points"], b=["shared by two", "only here"])
    assert catalogues.update(first, tmp_path) == {"common": 1, "a": 1, "b": 1}
    assert "#. It rose to 3 points" in (tmp_path / "a.po").read_text(encoding="utf-8")
    fill(tmp_path, {"shared by two": "两页共有", "It rose to {0} points": "升至{0}点", "only here": "仅此"})
    second = found(a=["shared by two", "It rose to {0} points again"], c=["only here"])
    assert catalogues.update(second, tmp_path) == {"a": 1, "c": 0}
    now = catalogues.read(tmp_path)
    assert now["shared by two"].string == "两页共有" and not now["shared by two"].fuzzy
    assert now["It rose to {0} points again"].string == "升至{0}点" and now["It rose to {0} points again"].fuzzy
    assert sorted(path.name for path in tmp_path.rglob("*.po")) == ["a.po", "c.po"]


def test_a_message_in_two_catalogues_is_refused(tmp_path: Path) -> None:
    catalogues.update(found(a=["some text"]), tmp_path)
    shutil.copy(tmp_path / "a.po", tmp_path / "b.po")
    with pytest.raises(ValueError, match="b.po: found 'some text' a second time"):
        catalogues.read(tmp_path)


@pytest.mark.parametrize(
    ("english", "chinese", "wrong"),
    [
        ("Size of the digital economy in {0}", "{0}年数字经济的规模", None),
        ("Size of the digital economy in {0}", "{0}年数码经济的规模", "found 'digital economy' without its term; right is 数字经济"),
        ("Size of the digital economy in {0}", "数字经济的规模", "found the marks []; right is each of ['{0}'] once"),
        ("the digital economy TFP", "数字经济的生产率", "found 'digital economy TFP' without its term; right is 数字经济全要素生产率"),
        ("from public data", "据公开数据", None),
        ("a text", "", "empty"),
    ],
)
def test_a_translation_that_lost_a_mark_or_a_term_is_refused(english: str, chinese: str, wrong: str | None) -> None:
    assert catalogues.problem(english, Message(english, chinese), TERMS) == wrong


def test_missing_and_fuzzy_messages_are_refused() -> None:
    assert catalogues.problem("a text", None, TERMS) == "missing"
    assert catalogues.problem("a text", Message("a text", "文字", flags=["fuzzy"]), TERMS) == "fuzzy"


def test_the_catalogues_hold_no_translation_that_is_wrong() -> None:
    done = {text: message for text, message in catalogues.read().items() if message.string and not message.fuzzy}
    problems = {text: catalogues.problem(text, message, catalogues.glossary()) for text, message in done.items()}
    assert done and not {text: problem for text, problem in problems.items() if problem}


# -- search -------------------------------------------------------------------------------------------


ARTICLE = (
    "<article><h1>数字经济全要素生产率</h1><section id='ratio'><h2>主营业务成本率<a class='headerlink'>#</a></h2>"
    "<p>数字资本深化与主营业务成本率。实体经济的成本费用利润率，用Bayesian ARIMAX估计。</p></section></article>"
)


@pytest.fixture(scope="module")
def words() -> search.PageWords:
    search.teach(word for terms in catalogues.glossary().values() for word in terms)
    return search.page_words(page(ARTICLE))


def test_the_index_holds_terms_their_parts_and_english_words(words: search.PageWords) -> None:
    assert {"数字资本深化", "主营业务成本率", "数字", "资本", "深化", "arimax"} <= words.terms
    assert words.headings == (("数字经济全要素生产率", None), ("主营业务成本率", "ratio"))
    script = search.index('Search.setIndex({"docnames": ["a"], "filenames": ["a.md"]})', {"a": words})
    index = json.loads(script.removeprefix(search.PREFIX).removesuffix(search.SUFFIX))
    assert index["titles"] == ["数字经济全要素生产率"] and index["terms"]["深化"] == 0
    assert index["alltitles"]["主营业务成本率"] == [[0, "ratio"]]


def test_a_query_is_cut_into_words_of_the_index(browser, words: search.PageWords) -> None:
    terms, titles = (json.dumps(dict.fromkeys(part, 0)) for part in (words.terms, words.title_terms))
    tab = browser.new_page()
    tab.add_script_tag(content=f"var splitQuery; const Search = {{ _index: {{ terms: {terms}, titleterms: {titles} }} }};")
    tab.add_script_tag(path=search.SCRIPT)
    for query in ("数字经济", "全要素生产率", "数字资本深化", "主营业务成本率", "实体经济的成本费用利润率", "ARIMAX 估计"):
        cut = tab.evaluate("query => splitQuery(query)", query)
        assert cut and set(cut) <= words.terms | words.title_terms, f"{query}: cut into {cut}"
    tab.close()


# -- the edition --------------------------------------------------------------------------------------


ENGLISH = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><title>x</title><script src="../_static/doctools.js?v=1"></script>
<link href="../_static/book.css" rel="stylesheet"/><script src="../_static/language_data.js"></script></head>
<body><div class="article-header-buttons"></div><p class="logo__title">The book</p>
<article><h1>{title}</h1><pre>kept &lt;as&gt; it is</pre></article></body></html>"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Path]:
    """Return a function that makes a book of two pages, with catalogues that hold some translations."""

    def make(chinese: dict[str, str]) -> Path:
        root, folder = tmp_path / "html", tmp_path / "locale"
        for part in ("part", "_static"):
            (root / part).mkdir(parents=True)
        for name, title in (("part/first", "First page"), ("part/second", "Second page")):
            (root / f"{name}.html").write_text(ENGLISH.format(title=title), encoding="utf-8")
        (root / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=part/first.html" />\n', encoding="utf-8")
        (root / "searchindex.js").write_text('Search.setIndex({"docnames": ["part/first", "part/second"]})', encoding="utf-8")
        (root / "_static" / "documentation_options.js").write_text("LANGUAGE: 'en',", encoding="utf-8")
        catalogues.update(edition.found(root), folder)
        fill(folder, chinese)
        monkeypatch.setattr(edition.Edition.__init__, "__defaults__", (folder,))
        return root

    monkeypatch.setattr(edition, "script_messages", lambda: [])
    return make


def test_a_whole_edition_is_written_and_each_page_leads_to_the_same_in_the_other_language(book: Callable[[dict[str, str]], Path]) -> None:
    root = book({"The book": "本书", "First page": "第一页", "Second page": "第二页"})
    assert commands.whole(root) == 0
    chinese = (root / "zh" / "part" / "first.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in chinese and "<title>第一页 — 本书</title>" in chinese and "<pre>kept &lt;as&gt; it is</pre>" in chinese
    assert 'href="../../_static/book.css"' in chinese and 'src="../_static/language_data.js"' in chinese and 'src="../_static/translations.js"' in chinese
    assert 'href="../../part/first.html" lang="en" hreflang="en"' in chinese
    english = (root / "part" / "first.html").read_text(encoding="utf-8")
    assert english.count('class="btn btn-sm language-switch" href="../zh/part/first.html" lang="zh-CN"') == 1
    assert (root / "zh" / "index.html").exists()
    assert commands.whole(root) == 0, "and once more, on pages that have their switch"
    assert (root / "part" / "first.html").read_text(encoding="utf-8") == english
    assert (root / "zh" / "part" / "first.html").read_text(encoding="utf-8") == chinese


def test_an_edition_that_lacks_a_message_is_named_and_not_left(book: Callable[[dict[str, str]], Path], capsys: pytest.CaptureFixture) -> None:
    root = book({"The book": "本书", "First page": "第一页"})
    assert commands.whole(root) == 1
    assert "part/second: 1 empty\n  'Second page': empty\n1 messages lack their translation" in capsys.readouterr().err
    assert not (root / "zh").exists()
    assert "language-switch" not in (root / "part" / "first.html").read_text(encoding="utf-8")


def test_a_draft_leaves_in_english_and_marks_what_is_not_translated(book: Callable[[dict[str, str]], Path]) -> None:
    root = book({"The book": "本书"})
    assert commands.draft(root) == 0
    assert '<h1 lang="en">First page</h1>' in (root / "zh" / "part" / "first.html").read_text(encoding="utf-8")


def test_catalogues_are_brought_up_to_date_from_a_whole_book_only(book: Callable[[dict[str, str]], Path], capsys: pytest.CaptureFixture) -> None:
    before = {path: path.read_bytes() for path in catalogues.CATALOGUES.rglob("*.po")}
    assert commands.messages(book({})) == 1
    assert "found no page book/how_to_read, book/how_to_review, " in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in catalogues.CATALOGUES.rglob("*.po")}


# -- what is kept -------------------------------------------------------------------------------------


def rewritten(root: Path, name: str, old: str, new: str) -> None:
    path = root / f"{name}.html"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def heading(root: Path, name: str) -> str:
    return BeautifulSoup((root / "zh" / f"{name}.html").read_text(encoding="utf-8"), "html.parser").h1.get_text()


def kept(root: Path) -> dict[str, int]:
    """Return the kept pages with the time each was made."""
    return {path.name: path.stat().st_mtime_ns for path in (root.parent / edition.KEPT_PAGES).iterdir()}


@pytest.fixture
def chinese(book: Callable[[dict[str, str]], Path]) -> Path:
    """Return a book of two pages with its Chinese edition, all translated."""
    root = book({"The book": "本书", "First page": "第一页", "Second page": "第二页"})
    assert commands.draft(root) == 0
    return root


def test_what_has_not_changed_is_not_made_again(chinese: Path) -> None:
    before, pages = kept(chinese), {path: path.read_bytes() for path in (chinese / "zh").rglob("*.*")}
    assert commands.draft(chinese) == 0
    assert kept(chinese) == before
    assert {path: path.read_bytes() for path in (chinese / "zh").rglob("*.*")} == pages


def test_a_changed_page_is_made_again_alone(chinese: Path) -> None:
    before = kept(chinese)
    rewritten(chinese, "part/second", "<h1>Second page</h1>", "<h1>First page</h1>")
    assert commands.draft(chinese) == 0
    assert heading(chinese, "part/second") == "第一页"
    assert len(kept(chinese)) == len(before) and len(kept(chinese).items() - before.items()) == 1
    assert '"titles":["第一页","第一页"]' in (chinese / "zh" / "searchindex.js").read_text(encoding="utf-8")


def test_a_changed_translation_shows(chinese: Path, tmp_path: Path, edit) -> None:
    edit(tmp_path / "locale" / "part" / "second.po", "第二页", "次页")
    assert commands.draft(chinese) == 0
    assert heading(chinese, "part/second") == "次页" and heading(chinese, "part/first") == "第一页"


def test_a_changed_table_shows_in_its_download(chinese: Path) -> None:
    table = chinese / "_downloads" / "part" / "first" / "table.csv"
    table.parent.mkdir(parents=True)
    for text in ("First page,1\n", "Second page,2\n"):
        table.write_text(text, encoding="utf-8-sig")
        assert commands.draft(chinese) == 0
        found = (chinese / "zh" / table.relative_to(chinese)).read_text(encoding="utf-8-sig")
        assert found == text.replace("First page", "第一页").replace("Second page", "第二页")


def test_a_page_that_is_gone_is_gone_in_chinese(chinese: Path) -> None:
    before = kept(chinese)
    (chinese / "part" / "second.html").unlink()
    (chinese / "searchindex.js").write_text('Search.setIndex({"docnames": ["part/first"]})', encoding="utf-8")
    assert commands.draft(chinese) == 0
    assert not (chinese / "zh" / "part" / "second.html").exists()
    assert len(kept(chinese)) == len(before) - 1


def test_a_page_that_lacks_a_message_is_not_kept(book: Callable[[dict[str, str]], Path], tmp_path: Path) -> None:
    root = book({"The book": "本书", "First page": "第一页"})
    for _ in range(2):
        assert commands.whole(root) == 1, "and no second run takes it for whole"
    fill(tmp_path / "locale", {"Second page": "第二页"})
    assert commands.whole(root) == 0
    assert heading(root, "part/second") == "第二页"


@pytest.mark.parametrize("path", ["book/_ext/translation/walk.py", "src/digital_economy/charts.py", "data/report/glossary.csv", "requirements.lock"])
def test_changed_code_and_data_make_every_page_again(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    names = {shared(tmp_path, tmp_path / "locale")}
    for text in ("one", "two"):
        (tmp_path / path).write_text(text, encoding="utf-8")
        names.add(shared(tmp_path, tmp_path / "locale"))
    assert len(names) == 3
