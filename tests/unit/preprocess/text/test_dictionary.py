from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING

import pytest

from builder import archive
from builder import dictionary as packing
from preprocess.text import dictionary, dictionary_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = random.Random(1).randbytes(2_500_000)


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A packed dictionary of three segments, and an empty temporary directory."""
    monkeypatch.setattr(packing, "SEGMENT_BYTES", 1_000_000)
    monkeypatch.setattr(dictionary_files, "PACKED", tmp_path / "dictionary")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    source = tmp_path / "system.dic"
    source.write_bytes(CONTENT)
    dictionary_files.PACKED.mkdir()
    manifest = {
        "name": "sudachidict-core",
        "version": "1",
        "bytes": len(CONTENT),
        "sha256": archive.sha256(source),
        "segments": packing.pack_segments(source, dictionary_files.PACKED),
        "user_dictionary": None,
    }
    (dictionary_files.PACKED / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    dictionary_files.locate.cache_clear()
    yield temporary
    dictionary_files.locate.cache_clear()


def test_a_checkout_without_a_dictionary_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sudachidict_core", None)
    dictionary_files.locate.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="there is no dictionary"):
            dictionary_files.locate().result()
    finally:
        dictionary_files.locate.cache_clear()


def test_unpacks_to_the_temporary_directory(packed: Path) -> None:
    files = dictionary_files.locate().result()

    assert files.system.parent == packed
    assert files.system.read_bytes() == CONTENT
    assert files.user is None
    assert files.description == {"name": "sudachidict-core", "version": "1", "user_dictionary": None}
    assert list(packed.iterdir()) == [files.system]


def test_unpacks_once(packed: Path) -> None:
    written = dictionary_files.locate().result().system.stat().st_mtime_ns
    assert dictionary_files.locate() is dictionary_files.locate()

    dictionary_files.locate.cache_clear()
    assert dictionary_files.locate().result().system.stat().st_mtime_ns == written


def test_what_is_there_but_not_whole_is_written_anew(packed: Path) -> None:
    files = dictionary_files.locate().result()
    files.system.write_bytes(b"half")
    dictionary_files.locate.cache_clear()

    assert dictionary_files.locate().result().system.read_bytes() == CONTENT


def test_a_failure_leaves_nothing_and_is_tried_again(packed: Path) -> None:
    segment = dictionary_files.PACKED / "system.dic.001.gz"
    data = segment.read_bytes()
    segment.write_bytes(data[:-9])
    dictionary.load.cache_clear()

    with pytest.raises(EOFError):
        dictionary.load()
    assert list(packed.iterdir()) == []

    segment.write_bytes(data)
    assert dictionary_files.locate().result().system.read_bytes() == CONTENT


def test_a_user_dictionary_is_found(packed: Path) -> None:
    manifest = dictionary_files.PACKED / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["user_dictionary"] = {"name": "words.csv", "sha256": "0"}
    manifest.write_text(json.dumps(content), encoding="utf-8")

    files = dictionary_files.locate().result()

    assert files.user == dictionary_files.PACKED / "user.dic"
    assert files.description["user_dictionary"] == {"name": "words.csv", "sha256": "0"}
