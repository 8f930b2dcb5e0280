"""With Sense's layout: a folder of photos, and a table `image,query_id,query_text` with the captions of each."""

import json
from collections.abc import Iterator
from typing import Final

from ingest.reading.lines import InputLine
from ingest.reason import Reason
from ingest.sources.stream_source import StreamedSource
from ingest.sources.table import Table

COLUMNS: Final = frozenset({"image", "query_id", "query_text"})


class WithSenseSource(StreamedSource):
    """A post for each photo, with its captions: those rows that follow each other and name the same image."""

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give a post by the number of its last row; a broken row parts no captions of one image."""
        table = Table(self._begin(), self.file)
        image, caption = table.header.index("image"), table.header.index("query_text")
        name, last, texts = "", 0, list[str]()
        broken: list[InputLine] = []  # behind the rows of this image, or among them
        for number, row in table.rows():
            if isinstance(row, Reason):
                broken += [InputLine(number, None, fault=row)] if number > after else []
                continue
            if row[image] != name:
                yield from _post(name, last, texts) if last > after else ()
                name, texts = row[image], []
            yield from broken
            broken.clear()
            last = number
            texts.append(row[caption])
        yield from _post(name, last, texts) if last > after else ()
        yield from broken


def _post(name: str, number: int, texts: list[str]) -> Iterator[InputLine]:
    captions = [{"text": text} for text in dict.fromkeys(texts) if text]
    post = {"id": name, "photo": name, "captions": captions}
    yield InputLine(number, json.dumps(post, ensure_ascii=False).encode())
