"""Rows of a file of JSON lines as items."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from typing import TypeVar

from ....errors import DatasetError
from .schema import ItemType, Unreadable, schema_of, struct_reader
from .schema.cells import read_float
from .text_file import read_text

__all__ = ["json_rows"]

I_co = TypeVar("I_co", covariant=True)

WHOLE = "each line is one JSON object; if the file is JSON as a whole: InMemDataset(json.load(file))"


def json_rows(path: str | os.PathLike[str], item: ItemType[I_co]) -> Iterator[I_co]:
    """The items of a file with one JSON object a line, in UTF-8; see `InMemDataset.from_json_rows`."""
    read = struct_reader(schema_of(item))
    decode = json.JSONDecoder(parse_float=read_float).decode  # 1e999 would be infinity
    file, text = read_text(path, "from_json_rows")
    # StringIO alone ends lines where JSON does; str.splitlines would also at U+2028, which a JSON text may hold.
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if line.isspace():
            continue
        try:
            yield read(decode(line))
        except Unreadable as error:
            if number == 1 and line.lstrip()[:1] == "[" and line.rstrip()[-2:] == "}]":  # a list of objects
                error.help = WHOLE
            raise error.at(f"{file}, line {number}") from error.__cause__
        except json.JSONDecodeError as error:
            help = "each line is one JSON object, such as {" + '"x": 1.5, "label": 0}'
            if number == 1 and line.lstrip()[:1] in "[{":
                help = WHOLE
            raise DatasetError(
                f"{file}, line {number}: not JSON at column {error.colno}: {error.msg}\n  {help}"
            ) from None
        except RecursionError:
            raise DatasetError(f"{file}, line {number}: nested too deeply\n  flatten it") from None
        except ValueError:  # what json says of an int of more digits than Python reads
            raise DatasetError(f"{file}, line {number}: an int of too many digits\n  write it as a text") from None
