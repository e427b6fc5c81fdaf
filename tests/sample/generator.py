"""Putting reviews together."""

from __future__ import annotations

import csv
import random
import re
from functools import cache
from typing import TYPE_CHECKING

from sample.grammar import Adjective, adjective
from sample.vocabulary import COMMON_SLOTS, TOPICS, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("review_id", "product_category", "star_rating", "review_body")
STARS = (1, 2, 3, 4, 5)
STAR_WEIGHTS = (13, 10, 14, 22, 41)
PRAISE = {1: 0.04, 2: 0.2, 3: 0.5, 4: 0.85, 5: 0.97}
EMPHASIS = ("", "", "", "とても", "すごく", "本当に", "かなり", "少し", "思ったより", "大変")
LINKS = ("", "", "", "", "そして", "また、", "それに", "あと、", "ちなみに", "特に")
CLOSINGS = {
    1: ("最悪です", "お金の無駄でした", "本当に残念です", "星はつけたくないです"),
    2: ("期待していただけに残念です", "おすすめできません", "いまひとつでした", "改善してほしいです"),
    3: ("普通です", "可もなく不可もなくです", "値段なりだと思います", "良い点も悪い点もありました"),
    4: ("満足しています", "おすすめです", "買って良かったです", "概ね満足です"),
    5: ("大満足です", "最高でした", "文句なしです", "本当におすすめです", "星五つです"),
}
FLOURISHES = {True: ("😊", "✨", "♪", "👍", "(^^)", "!!", "笑"), False: ("😢", "💦", "…", "(涙)", "⤵", "??")}
EMPTY_SHARE, BREAK_SHARE, FLOURISH_SHARE, QUOTE_SHARE = 0.002, 0.1, 0.12, 0.05


def write_csv(path: Path, *, rows: int = 20_000, seed: int = 1) -> None:
    """Write the sample as a CSV file with a header line.

    Parameters
    ----------
    path
        The file, UTF-8 with ``\\n`` line ends.
    rows
        Number of reviews.
    seed
        Equal seeds give equal files.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(reviews(rows=rows, seed=seed))


def reviews(*, rows: int, seed: int = 1) -> Iterator[tuple[str, str, int, str]]:
    """Yield rows of the sample in the order of ``COLUMNS``."""
    rng = random.Random(seed)
    for number in range(1, rows + 1):
        topic = rng.choice(TOPICS)
        stars = rng.choices(STARS, STAR_WEIGHTS)[0]
        text = "" if rng.random() < EMPTY_SHARE else _review(rng, topic, stars)
        yield f"R{number:07d}", topic.category, stars, text


def _review(rng: random.Random, topic: Topic, stars: int) -> str:
    sentences = [_scene(rng, topic) for _ in range(rng.randint(1, 3))]
    judgments = rng.randint(1, 3)
    sentences += [rng.choice(LINKS) + _judgment(rng, topic, rng.random() < PRAISE[stars]) for _ in range(judgments)]
    if rng.random() < 0.3:
        rng.shuffle(sentences)
    if rng.random() < 0.6:
        sentences.append(_closing(rng, topic, stars))
    if rng.random() < FLOURISH_SHARE:
        sentences[-1] = sentences[-1].removesuffix("。") + rng.choice(FLOURISHES[stars > 3])
    separator = "<br />" if rng.random() < BREAK_SHARE else ""
    text = separator.join(sentences)
    if rng.random() < QUOTE_SHARE:
        text = f'"{topic.category}", {text}'
    return text


def _scene(rng: random.Random, topic: Topic) -> str:
    return _filled(rng, topic, rng.choice(topic.scenes))


def _judgment(rng: random.Random, topic: Topic, praise: bool) -> str:
    aspect = rng.choice(topic.aspects)
    good, bad = _adjectives(aspect.good), _adjectives(aspect.bad)
    fitting, opposite = (good, bad) if praise else (bad, good)
    thing = rng.choice(_words(topic, aspect.things))
    word = rng.choice(fitting)
    emphasis = rng.choice(EMPHASIS)
    form = rng.random()
    if form < 0.45:
        return f"{thing}{rng.choice('がはも')}{emphasis}{word.past}。"
    if form < 0.65:
        other = rng.choice([candidate for candidate in fitting if candidate is not word])
        return f"{thing}は{word.joined}{emphasis}{other.past}。"
    if form < 0.8:
        return f"{emphasis}{word.before}{thing}でした。"
    if form < 0.9:
        return f"{thing}が{word.joined}{'嬉しかったです' if praise else topic.regret}。"
    # Negation: the opposite word, denied.
    return f"{thing}は{rng.choice(rng.choice(opposite).denied)}。"


def _closing(rng: random.Random, topic: Topic, stars: int) -> str:
    last = rng.choice(CLOSINGS[stars])
    if stars in (1, 5) and rng.random() < 0.5:
        return f"{last}。{rng.choice(topic.again if stars == 5 else topic.never)}。"
    return f"{last}。"


def _filled(rng: random.Random, topic: Topic, scene: str) -> str:
    used: dict[str, str] = {}

    def fill(match: re.Match[str]) -> str:
        slot, second = match[1], match[2]
        if slot == "number":
            return str(rng.randint(2, 15))
        if slot == "height":
            return str(rng.randint(148, 182))
        word = rng.choice(_words(topic, slot))
        while second and word == used[slot]:
            word = rng.choice(_words(topic, slot))
        used[slot] = word
        return word

    return re.sub(r"\{([a-z]+)(2?)\}", fill, scene)


@cache
def _adjectives(words: str) -> list[Adjective]:
    return [adjective(word) for word in words.split()]


_WORDS = {
    (topic.category, slot): words.split() for topic in TOPICS for slot, words in (COMMON_SLOTS | topic.slots).items()
}


def _words(topic: Topic, slot: str) -> list[str]:
    return _WORDS[topic.category, slot]
