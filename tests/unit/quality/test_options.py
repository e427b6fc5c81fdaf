from __future__ import annotations

import pytest

from benchmarks.quality.options import OPTIONS


@pytest.mark.parametrize(
    ("title", "text", "cleaned"),
    [
        ("width variants as one (NFKC)", "ﾊﾞｽﾙｰﾑ ＴＶ １２３", "バスルーム TV 123"),
        ("lower case", "WiFi", "wifi"),
        ("numbers as 0", "1,280円で１２畳、3.5点", "0円で0畳、0点"),
        ("numbers dropped", "2泊した", " 泊した"),
        ("URLs dropped", "写真はhttps://example.com/a?b=1です", "写真は です"),
        ("emoji dropped", "最高😊✨！", "最高 ！"),
        ("a character repeated thrice or more, once", "すごーーーい！！！www", "すごーい！w"),
        ("a character repeated thrice or more, once", "いいいい、ああ！！", "い、ああ！！"),
    ],
)
def test_what_is_done_to_texts(title: str, text: str, cleaned: str) -> None:
    (option,) = [option for option in OPTIONS if option.title == title]

    assert option.clean(text) == cleaned


def test_options_that_change_the_tokens_leave_the_text_alone() -> None:
    assert [option.clean("２泊、😊") for option in OPTIONS[:4]] == ["２泊、😊"] * 4
