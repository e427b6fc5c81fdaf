"""The events of the two functions as frozen dataclasses, checked strictly: what is unknown or mistyped is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from .errors import InvalidConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: More different labels than that are no classes; they are counted in memory.
MAX_LABELS = 100_000

ENCODINGS = ("utf-8", "utf-16", "cp932", "euc_jp", "iso2022_jp")
SPLIT_MODES = ("A", "B", "C")
TOKEN_FORMS = ("surface", "normalized", "dictionary")

#: Of a value that is no label, the most that may be shown.
MAX_SHOWN = 100

#: A label as the table may hold it, in its canonical spelling.
CANONICAL_INTEGER = re.compile(r"0|-?[1-9][0-9]*")

T = TypeVar("T")


@dataclass(frozen=True)
class InputObject:
    """The S3 object to read: this version, or what has this ETag, or whatever is there now."""

    bucket: str
    key: str
    version_id: str | None = None
    etag: str | None = None

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class OutputPrefix:
    """Where the run's objects go. ``prefix`` ends with a slash."""

    bucket: str
    prefix: str


@dataclass(frozen=True)
class TableFormat:
    """How the table is written, and what its labels are.

    Attributes
    ----------
    text_column, label_column
        Names of the columns. ``None`` means lines without labels.
    delimiter, quoting, encoding
        How the fields are written.
    columns
        Names of the columns where no header names them.
    escape
        What makes the next character an ordinary one. ``None`` where quotes are doubled.
    label_map
        What becomes of each label; ``None`` keeps them as they are.
    show_values
        Characters of a value that is no label that a message may show.
    """

    text_column: str = "review_body"
    label_column: str | None = None
    delimiter: str = ","
    quoting: bool = True
    encoding: str = "utf-8"
    columns: tuple[str, ...] | None = None
    escape: str | None = None
    label_map: Mapping[str, str] | None = None
    show_values: int = 10

    @property
    def has_text_labels(self) -> bool:
        """Whether the label column holds text: a key of the map is no integer."""
        return self.label_map is not None and not all(map(CANONICAL_INTEGER.fullmatch, self.label_map))


@dataclass(frozen=True)
class TokenizerSettings:
    """How text becomes tokens. ``stop_words`` of ``None`` means the list that ships with the package."""

    split_mode: str = "C"
    token_form: str = "surface"
    stop_words: tuple[str, ...] | None = None
    excluded_parts_of_speech: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Job:
    """One file to turn into lines."""

    input: InputObject
    output: OutputPrefix
    table: TableFormat = field(default_factory=TableFormat)
    tokenizer: TokenizerSettings = field(default_factory=TokenizerSettings)
    validation_fraction: float = 0.0
    shard: bool = False
    """The file is one of many of a run: it may have no rows, or none in a channel."""

    @classmethod
    def from_event(cls, event: Any) -> Job:
        """Read the Lambda's event.

        Raises
        ------
        InvalidConfigurationError
            Something is missing, mistyped, out of range or unknown. Names the setting.
        """
        top = _Settings(event, "event")
        config = top.section("config", {})
        job = cls(
            input=_input(top.section("input")),
            output=_output(top.section("output")),
            table=_table(config),
            tokenizer=_tokenizer(config),
            validation_fraction=config.take("validation_fraction", _fraction, 0.0),
            shard=top.take("shard", _boolean, False),
        )
        config.done()
        top.done()
        return job


@dataclass(frozen=True)
class Folder:
    """The objects whose keys start with ``prefix``; all of the bucket's where that is empty."""

    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True)
class Assembly:
    """The shards that the files of one run became, to put together.

    Attributes
    ----------
    run
        Where the shards lie, and where the channels and the report go.
    source
        The folder that the files came from.
    results
        Manifest of the Distributed Map's results.
    tolerated_failure_percentage
        How many of the files that were to be read may have failed.
    validation_fraction
        That of the shards.
    """

    run: OutputPrefix
    source: Folder
    results: InputObject
    tolerated_failure_percentage: float = 0.0
    validation_fraction: float = 0.0

    @classmethod
    def from_event(cls, event: Any) -> Assembly:
        """Read the event of ``preprocess.folder.handler``.

        Raises
        ------
        InvalidConfigurationError
            Something is missing, mistyped, out of range or unknown. Names the setting.
        """
        top = _Settings(event, "event")
        source, config = top.section("source"), top.section("config", {})
        assembly = cls(
            run=_output(top.section("run")),
            source=Folder(source.take("bucket", _text), source.take("prefix", _any_text)),
            results=_input(top.section("results")),
            tolerated_failure_percentage=config.take("tolerated_failure_percentage", _percentage, 0.0),
            validation_fraction=config.take("validation_fraction", _fraction, 0.0),
        )
        for section in (source, config, top):
            section.done()
        return assembly


class _Settings:
    """A JSON object whose members are taken one by one; what is left over is unknown."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise InvalidConfigurationError(f"{path} must be an object, not {type(value).__name__}")
        self._left = dict(value)
        self._path = path

    def take(self, name: str, parse: Callable[[Any], T], *default: Any) -> Any:
        path = name if self._path == "event" else f"{self._path}.{name}"
        if name not in self._left:
            if default:
                return default[0]
            raise InvalidConfigurationError(f"{path} is missing")
        value = self._left.pop(name)
        if value is None and default == (None,):
            return None
        try:
            return parse(value)
        except InvalidConfigurationError as error:
            raise InvalidConfigurationError(f"{path} {error}") from None

    def section(self, name: str, *default: dict[str, Any]) -> _Settings:
        return _Settings(self.take(name, lambda value: value, *default), name)

    def done(self) -> None:
        if self._left:
            names = ", ".join(repr(name) for name in sorted(self._left))
            raise InvalidConfigurationError(f"{self._path} has settings that do not exist: {names}")


def _input(section: _Settings) -> InputObject:
    result = InputObject(
        bucket=section.take("bucket", _text),
        key=section.take("key", _text),
        version_id=section.take("version_id", _text, None),
        etag=section.take("etag", _text, None),
    )
    section.done()
    return result


def _output(section: _Settings) -> OutputPrefix:
    result = OutputPrefix(bucket=section.take("bucket", _text), prefix=section.take("prefix", _prefix))
    section.done()
    return result


def _table(config: _Settings) -> TableFormat:
    defaults = {f.name: f.default for f in fields(TableFormat)}
    table = TableFormat(
        text_column=config.take("text_column", _text, defaults["text_column"]),
        label_column=config.take("label_column", _text, None),
        delimiter=config.take("delimiter", _delimiter, defaults["delimiter"]),
        quoting=config.take("quoting", _boolean, defaults["quoting"]),
        encoding=config.take("encoding", _one_of(ENCODINGS), defaults["encoding"]),
        columns=config.take("columns", _columns, None),
        escape=config.take("escape", _delimiter, None),
        label_map=config.take("label_map", _label_map, None),
        show_values=config.take("show_values", _characters, defaults["show_values"]),
    )
    if table.text_column == table.label_column:
        raise InvalidConfigurationError("config.text_column and config.label_column must be two different columns")
    if table.label_map is not None and table.label_column is None:
        raise InvalidConfigurationError("config.label_map needs a config.label_column")
    if table.escape == table.delimiter:
        raise InvalidConfigurationError("config.escape and config.delimiter must be two different characters")
    for name in ("text_column", "label_column"):
        column = getattr(table, name)
        if table.columns is not None and column is not None and column not in table.columns:
            raise InvalidConfigurationError(f"config.{name} {column!r} is none of config.columns")
    return table


def _tokenizer(config: _Settings) -> TokenizerSettings:
    return TokenizerSettings(
        split_mode=config.take("split_mode", _one_of(SPLIT_MODES), "C"),
        token_form=config.take("token_form", _one_of(TOKEN_FORMS), "surface"),
        stop_words=config.take("stop_words", _stop_words, None),
        excluded_parts_of_speech=config.take("excluded_parts_of_speech", _parts_of_speech, ()),
    )


def _refuse(reason: str) -> NoReturn:
    raise InvalidConfigurationError(reason)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        _refuse(f"must be a text that is not empty, not {value!r}")
    return value


def _any_text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse(f"must be a text, not {value!r}")


def _prefix(value: Any) -> str:
    return _text(value) if isinstance(value, str) and value.endswith("/") else _refuse("must end with '/'")


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse(f"must be true or false, not {value!r}")


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        return str(value) if value in choices else _refuse(f"must be one of {', '.join(choices)}, not {value!r}")

    return parse


def _delimiter(value: Any) -> str:
    # The control characters stay: Hive, Spark and Athena write tables delimited by U+0001.
    if (
        isinstance(value, str)
        and len(value) == 1
        and value.isascii()
        and not value.isalnum()
        and value not in '"\r\n\0'
    ):
        return value
    _refuse(f"must be one ASCII character that is no letter, digit, quote or line end, not {value!r}")


def _columns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name for name in value):
        _refuse("must be a list of the names of all columns, or null where a header names them")
    if len(set(value)) < len(value):
        _refuse("names a column twice")
    return tuple(value)


def _characters(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SHOWN:
        _refuse(f"must be a whole number from 0 to {MAX_SHOWN}, not {value!r}")
    return value


def _fraction(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
        _refuse(f"must be a number from 0 to below 1, not {value!r}")
    return float(value)


def _percentage(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        _refuse(f"must be a number from 0 to 100, not {value!r}")
    return float(value)


def _label_map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        _refuse("must be an object with at least one label, or null")
    for label, name in value.items():
        if label.split() == []:
            _refuse("has an empty key: a label has at least one character")
        if not isinstance(name, str) or name.split() != [name] or not name.isprintable():
            _refuse(f"must map {label!r} to a text without whitespace, not {name!r}")
    return dict(value)


def _stop_words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        _refuse("must be a list of words, or null for the list that ships with the package")
    for word in value:
        if not isinstance(word, str) or word.split() != [word]:
            _refuse(f"holds {word!r}: a word must be a text without whitespace")
    return tuple(value)


def _parts_of_speech(value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        _refuse('must be a list of lists such as [["助詞", "格助詞"]]')
    for levels in value:
        texts = isinstance(levels, list) and all(isinstance(level, str) and level for level in levels)
        if not texts or not 1 <= len(levels) <= 6:
            _refuse(f"holds {levels!r}: a part of speech is a list of 1 to 6 levels")
    return tuple(tuple(levels) for levels in value)
