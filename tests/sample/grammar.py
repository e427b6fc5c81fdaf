"""The forms of Japanese adjectives that the sample needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Adjective:
    """An adjective in each form.

    Attributes
    ----------
    before
        In front of a noun: 美味しい, 快適な.
    joined
        In front of another clause: 美味しくて, 快適で.
    past
        At the end of a sentence: 美味しかったです, 快適でした.
    denied
        The same, denied, in the two usual ways.
    """

    before: str
    joined: str
    past: str
    denied: tuple[str, str]


def adjective(word: str) -> Adjective:
    """Build an adjective from its dictionary form; one that ends in い inflects, any other takes な or だ.

    Examples
    --------
    >>> adjective("美味しい").past
    '美味しかったです'
    >>> adjective("快適").before
    '快適な'
    """
    if word.endswith("い"):
        stem = word[:-1]
        denied = (f"{stem}くなかったです", f"{stem}くありませんでした")
        return Adjective(word, f"{stem}くて", f"{stem}かったです", denied)
    denied = (f"{word}ではありませんでした", f"{word}じゃなかったです")
    return Adjective(f"{word}な", f"{word}で", f"{word}でした", denied)
