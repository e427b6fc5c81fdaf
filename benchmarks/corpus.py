"""A corpus to measure with: reviews with a vocabulary of tens of thousands of words, as frequent as Zipf's law has it.

One sentence repeated would live in the processor's caches, and so would a small vocabulary: neither measures what a
tokenizer does with real text.
"""

from __future__ import annotations

import csv
import random
import sys
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from benchmarks.vocabulary import Vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")

#: Changes when the text does, so that no file of an older generator is taken for this one's.
VERSION = 2

HEADER = ("star_rating", "review_body")
STARS = (1, 2, 3, 4, 5)
STAR_WEIGHTS = (10, 8, 12, 25, 45)

ADJECTIVES = words(
    """
    良 高 安 広 狭 美味し 楽し 嬉し 悲し 面白 早 遅 重 軽 明る 暗 暖か 冷た 新し 古 大き 小さ 長 短 強 弱 柔らか 硬 甘
    辛 美し 優し 厳し 難し 詳し 珍し 懐かし 素晴らし 恐ろし 寂し ありがた もったいな うるさ ゆる かわい
    """
)
ADVERBS = words(
    """
    とても 少し かなり 本当に 意外と 思ったより 全然 あまり 特に いつも 初めて また もっと ずっと やはり 正直 ちょっと
    なかなか わりと さすがに せっかくなので とりあえず ついつい いまいち めちゃくちゃ そこそこ
    """
)
OPENINGS = words(
    """
    ただ、 また、 しかし、 でも、 それから、 なので、 だから、 とはいえ、 ちなみに、 ところが、 それにしても、
    というのも、 あと、 もちろん、 個人的には、 今回は、 前回は、 夫婦で、 子供と一緒に、 仕事で、
    """
)
ENDINGS = words(
    """
    です。 ですね。 でした。 だと思います。 だと思いました。 なのが残念です。 のでおすすめです。 のではないでしょうか。
    かもしれません。 ようです。 みたいでした。 のですが、仕方ないですね。 ので、もう少し考えてほしい。 と言われました。
    気がします。 のには驚きました。 んですよ！ ことが多いです。 はずだったのに…… わけではない。 とのことでした。
    という感じでしょうか。 ので助かりました♪ ばかりでうんざり。
    """
)

#: Each brace is a word of a kind; a digit after it makes another word of the same kind.
SENTENCES = (
    "{adj}くて{noun}が{verb_past}{ending}",
    "{noun}は{adv}{adj}かった{ending}",
    "{noun}の{noun2}を{verb_te}から、{noun3}が{verb_polite}。",
    "{opening}{verb_past}{noun}が{adv}{adj}くなかったので、{action}してもらいました。",
    "{opening}{noun}と{noun2}を{verb_te}いただけたら{adj}い{ending}",
    "{place}の{noun}で{action}しましたが、{noun2}まで{verb_te}くださって{adj}かった{ending}",
    "{kata}の{noun}に{verb_plain}ような{noun2}{ending}",
    "{adv}{adj}いし、{noun}も{verb_plain}し、{action}して良かった{ending}",
    "{verb_if}{adj}いのに、{noun}に{verb_te}しまった{ending}",
    "{num}円で{verb_plain}なら{action}できる{noun}{ending}",
    "{opening}{kata}が{kata2}で{verb_te}いて、{adv}{adj}く感じました。",
    "{noun}に{noun2}がなく、{verb_plain}ときに{adj}い思いをした{ending}",
    "「{noun}を{verb_plain}」という{kata}の{noun2}は{num}日で{verb_polite}！",
    "{adv}、{noun}も{noun2}も{adj}いので、{verb_plain}には向かない{ending}",
    "{num}年前に{verb_past}{noun}が{adj}くなってきたため、{kata}を{verb_te}みることにしました。",
    "{noun}{noun2}の{action}を{place}{noun3}で{action2}した結果、{num}％ほど{adj}くなった。",
    "なぜ{noun}を{verb_te}はいけないのか、{kata}を見ても{verb_polite}。",
    "{place}出身の{noun}さんに{action}していただき、{noun2}まで{verb_plain}ことができました。",
    "{opening}{verb_past}あとの{noun}が{adv}{verb_te}おり、{noun2}にも{noun3}にも{verb_polite}。",
    "{verb_plain}かどうかより、{verb_plain2}ほうが{adj}い{ending}",
)

GODAN_ROWS = {
    "う": ("わ", "い", "え", "っ", "た"),
    "く": ("か", "き", "け", "い", "た"),
    "ぐ": ("が", "ぎ", "げ", "い", "だ"),
    "す": ("さ", "し", "せ", "し", "た"),
    "つ": ("た", "ち", "て", "っ", "た"),
    "ぬ": ("な", "に", "ね", "ん", "だ"),
    "ぶ": ("ば", "び", "べ", "ん", "だ"),
    "む": ("ま", "み", "め", "ん", "だ"),
    "る": ("ら", "り", "れ", "っ", "た"),
}

#: What follows the stems of a verb: negative, continuative, conditional and past, the last with た or だ, て or で.
FORMS = {
    "verb_plain": ("{a}ない", "{i}たい", "{u}", "{i}すぎる", "{t}ている", "{a}れる"),
    "verb_past": ("{t}た", "{a}なかった", "{t}ていた", "{i}たかった", "{a}れた", "{i}かけた"),
    "verb_te": ("{t}て", "{a}なくて", "{i}つつ、{t}て", "{a}ずに{t}て"),
    "verb_polite": (
        "{i}ました",
        "{i}ません",
        "{i}ませんでした",
        "{i}ましょう",
        "{t}てしまいました",
        "{a}なければなりません",
    ),
    "verb_if": ("{e}ば", "{t}たら", "{a}なければ", "{u}なら", "{t}たほうが"),
}


def write(path: Path, text_bytes: int, seed: int = 1) -> None:
    """Write a table whose texts have this many bytes of UTF-8."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        written = 0
        for stars, text in reviews(seed):
            writer.writerow((stars, text))
            written += len(text.encode())
            if written >= text_bytes:
                break
    partial.replace(path)


def reviews(seed: int = 1) -> Iterator[tuple[int, str]]:
    """Yield stars and texts without end, the same for the same seed."""
    chance = random.Random(seed)
    known = Vocabulary.find(chance)
    verbs = Zipf([*map(_godan, known.godan), *map(_ichidan, known.ichidan)], chance, shuffle=True)
    kinds: dict[str, Callable[[], str]] = {
        "noun": Zipf(known.nouns, chance),
        "action": Zipf(known.actions, chance),
        "place": Zipf(known.places, chance),
        "kata": Zipf(known.katakana, chance),
        "adj": Zipf(ADJECTIVES, chance),
        "adv": Zipf(ADVERBS, chance),
        "opening": Zipf(OPENINGS, chance),
        "ending": Zipf(ENDINGS, chance),
        "num": lambda: str(int(chance.lognormvariate(4, 2)) + 1),
        **{form: _Inflected(verbs, patterns, chance) for form, patterns in FORMS.items()},
    }
    while True:
        count = 1 + int(chance.lognormvariate(1.0, 0.8))
        text = "".join(_filled(chance.choice(SENTENCES), kinds) for _ in range(count))
        yield chance.choices(STARS, STAR_WEIGHTS)[0], text


def _filled(sentence: str, kinds: dict[str, Callable[[], str]]) -> str:
    first, *rest = sentence.split("{")
    parts = [first]
    for part in rest:
        kind, text = part.split("}")
        parts.append(kinds[kind.rstrip("0123456789")]())
        parts.append(text)
    return "".join(parts)


class Zipf(Generic[Item]):
    """Draws items, the one of rank n with a frequency of 1/n."""

    def __init__(self, items: Sequence[Item], chance: random.Random, *, shuffle: bool = False) -> None:
        self._items = chance.sample(items, len(items)) if shuffle else items
        self._weights = list(accumulate(1 / rank for rank in range(1, len(items) + 1)))
        self._chance = chance
        self._drawn: list[Item] = []

    def __call__(self) -> Item:
        if not self._drawn:
            self._drawn = self._chance.choices(self._items, cum_weights=self._weights, k=10_000)
        return self._drawn.pop()


class _Inflected:
    def __init__(self, verbs: Zipf[dict[str, str]], patterns: Sequence[str], chance: random.Random) -> None:
        self._verbs, self._patterns, self._chance = verbs, patterns, chance

    def __call__(self) -> str:
        stems = self._verbs()
        text = self._chance.choice(self._patterns).format_map(stems)
        return text.replace("んた", "んだ").replace("んて", "んで") if stems["voiced"] else text


def _godan(verb: str) -> dict[str, str]:
    stem, (a, i, e, t, past) = verb[:-1], GODAN_ROWS[verb[-1]]
    return {"a": stem + a, "i": stem + i, "u": verb, "e": stem + e, "t": stem + t, "voiced": "1" * (past == "だ")}


def _ichidan(verb: str) -> dict[str, str]:
    stem = verb[:-1]
    return {"a": stem, "i": stem, "u": verb, "e": stem + "れ", "t": stem, "voiced": ""}


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
