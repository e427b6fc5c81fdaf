"""Tens of thousands of words for the corpus, found by asking Sudachi's dictionary about what could be a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from preprocess.text import dictionary

if TYPE_CHECKING:
    import random


def words(text: str) -> list[str]:
    """Return the words of a text that has blanks between them."""
    return text.split()


#: Pairs of kanji that are looked up, of the 8.8 million that there are; about one in forty is a word.
KANJI_LOOKUPS = 1_500_000
KATAKANA_LOOKUPS = 750_000

#: The last row and cell of JIS X 0208's first level, the kanji in daily use, as EUC-JP has them.
LAST_DAILY_KANJI = (0xCF, 0xD3)

VERB_ENDINGS = words(
    """
    う く ぐ す つ ぬ ぶ む る える ける せる てる べる める れる げる ねる いる きる じる ちる びる みる りる
    """
)

#: Words that every review has head the lists.
NOUNS = words(
    """
    部屋 商品 店 本 映画 ホテル 料理 値段 品質 サイズ 色 音 画面 電池 説明書 朝食 温泉 駅 場所 家族 友人 子供 写真 話
    物語 作品 主人公 曲 歌詞 味 香り 量 箱 袋 生地 靴 服 時計 鞄 傘 机 椅子 ベッド 枕 布団 掃除機 冷蔵庫 電話 パソコン
    カメラ
    """
)
ACTIONS = words(
    """
    購入 使用 利用 予約 注文 到着 返品 交換 満足 期待 感動 説明 対応 確認 掃除 宿泊 旅行 食事 購読 再生 録音 充電
    """
)
PLACES = words(
    """
    東京 大阪 京都 札幌 福岡 箱根 沖縄 名古屋 横浜 神戸 仙台 金沢
    """
)
VERBS = words(
    """
    思う 言う 使う 買う 見る 食べる 行く 読む 聞く 感じる 着る 泊まる 届く 壊れる 届ける 選ぶ 待つ 話す 楽しむ 飲む
    """
)


@dataclass
class Vocabulary:
    """Words by kind, the most frequent first. ``godan`` and ``ichidan`` are the two conjugations of verbs."""

    nouns: list[str]
    actions: list[str]
    places: list[str]
    katakana: list[str]
    godan: list[str]
    ichidan: list[str]

    @classmethod
    def find(cls, chance: random.Random) -> Vocabulary:
        """Look up kanji in pairs, kanji with the endings of verbs, and strings of katakana."""
        kanji = [
            bytes((row, cell)).decode("euc_jp")
            for row in range(0xB0, 0xD0)
            for cell in range(0xA1, 0xFF)
            if (row, cell) <= LAST_DAILY_KANJI
        ]
        katakana = [*"ーンッ", *(chr(code) for code in range(ord("ア"), ord("ロ") + 1))]
        found = _Words()
        for word in VERBS:
            found.add(word)
        for _ in range(KANJI_LOOKUPS):
            found.add("".join(chance.choices(kanji, k=2)))
        for _ in range(KATAKANA_LOOKUPS):
            found.add("".join(chance.choices(katakana, k=chance.randint(2, 4))))
        for character in chance.sample(kanji, len(kanji)):
            for ending in VERB_ENDINGS:
                found.add(character + ending)
        return cls(
            nouns=_headed(NOUNS, found.of["noun"]),
            actions=_headed(ACTIONS, found.of["action"]),
            places=_headed(PLACES, found.of["place"]),
            katakana=list(found.of["katakana"]),
            godan=list(found.of["godan"]),
            ichidan=list(found.of["ichidan"]),
        )


class _Words:
    def __init__(self) -> None:
        self.of: dict[str, dict[str, None]] = {
            kind: {} for kind in ("noun", "action", "place", "katakana", "godan", "ichidan")
        }
        self._lookup = dictionary.load().lookup
        self._out = self._lookup("")

    def add(self, word: str) -> None:
        """Keep a word under its kind, if it is one."""
        entries = self._lookup(word, out=self._out)
        if len(entries) and (kind := _kind(word, entries[0].part_of_speech())):
            self.of[kind][word] = None


def _kind(word: str, part_of_speech: tuple[str, ...]) -> str | None:
    major, _, minor, _, conjugation, form = part_of_speech
    if major == "動詞" and form.startswith("終止形"):
        if conjugation.startswith("五段") and word[-1] in "うくぐすつぬぶむる":
            return "godan"
        return "ichidan" if "一段" in conjugation else None
    if major != "名詞":
        return None
    if "ァ" <= word[0] <= "ー":
        return "katakana"
    return {"サ変可能": "action", "地名": "place", "一般": "noun", "形状詞可能": "noun"}.get(minor)


def _headed(head: list[str], tail: dict[str, None]) -> list[str]:
    return [*head, *(word for word in tail if word not in set(head))]
