from __future__ import annotations

import sys
import unicodedata

import pytest

from preprocess.text.cleaning import cleaned


@pytest.mark.parametrize(
    "tag",
    [
        "<br>",
        "<br/>",
        "<br />",
        "<BR>",
        '<br class="x">',
        "<p>",
        "</p>",
        "</div>",
        "<li>",
        "<hr/>",
        "</h2>",
        '<p id="1">',
    ],
)
def test_breaks_of_markup_are_spaces(tag: str) -> None:
    assert cleaned(f"良い{tag}宿") == "良い 宿"


@pytest.mark.parametrize("text", ["<brand>", "a < b > c", "<3", "<b>", "<pre>", "<", "<br", "<p x", "良い"])
def test_the_rest_stays(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("A&amp;B", "A&B"),
        ("&#34;良い&#x3042;&quot;", '"良いあ"'),
        ("良い&nbsp;宿", "良い\xa0宿"),
        ("&lt;br&gt;", "<br>"),
        ("&amp;amp;", "&amp;"),
        ("ゼロ&#8203;幅", "ゼロ幅"),
        ("&#27;[31m", "[31m"),
        ("AT&T R&D &copy 2020 &nosuchname; &; &#;", "AT&T R&D &copy 2020 &nosuchname; &; &#;"),
    ],
)
def test_character_references_are_decoded(text: str, clean: str) -> None:
    assert cleaned(text) == clean


def test_control_characters_are_spaces() -> None:
    controls = [chr(code) for code in range(0xA0) if unicodedata.category(chr(code)) == "Cc"]

    assert len(controls) == 65
    for control in controls:
        assert cleaned(f"良い{control}宿").split() == ["良い", "宿"]


@pytest.mark.parametrize(
    "character",
    [
        "\xad",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2060",
        "\u2066",
        "\ufeff",
        "\ufe0f",
        "\ufe0e",
        "\U000e0100",
        "\U000e0067",
        "\u034f",
    ],
)
def test_what_has_no_width_is_removed(character: str) -> None:
    assert cleaned(f"旅{character}館") == "旅館"


def test_what_can_be_seen_stays() -> None:
    """Of the format characters, those that Unicode shows: signs before Arabic and other numbers, and notation."""
    removed = {chr(code) for code in range(sys.maxunicode + 1) if not cleaned(chr(code)).strip()}
    visible = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c)[0] in "LNPS"}

    assert removed & visible == {"\u115f", "\u1160", "\u3164", "\uffa0"}, "Hangul's fillers, which are blank"


@pytest.mark.parametrize("unit", ["<", "< ", "<p ", "<br\t", "</p/", "&", "&#", "&a", "&#1", "<p &"])
def test_any_text_takes_linear_time(unit: str) -> None:
    """Quadratic time would be hours."""
    text = "良い" + unit + " " * 2_000_000 + unit * 500_000

    assert cleaned(text) == text
