"""With Sense's layout: a folder of photos, and a table `image,query_id,query_text` with the captions of each."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from ingest.reading.lines import InputLine
from ingest.reason import Reason
from ingest.sources.stream_source import StreamedSource
from ingest.sources.table import Table

COLUMNS: Final = frozenset({"image", "query_id", "query_text"})


class WithSenseSource(StreamedSource):
    """A post for each photo, with its captions: those rows that follow each other and name the same image."""

    def lines(self, after: int = 0) -> Iterator[InputLine]:
        """Give a post by the number of its last row."""
        table = Table(self._begin(), self.file)
        image, caption = table.header.index("image"), table.header.index("query_text")
        rows = table.rows()
        keyed = ((number, row, None if isinstance(row, Reason) else row[image]) for number, row in rows)
        for name, group in groupby(keyed, key=lambda item: item[2]):
            last, texts = 0, []
            for number, row, _ in group:
                last = number
                if isinstance(row, Reason):
                    if number > after:
                        yield InputLine(number, None, fault=row)
                else:
                    texts.append(row[caption])
            if name is not None and last > after:
                captions = [{"text": text} for text in dict.fromkeys(texts) if text]
                post = {"id": name, "photo": name, "captions": captions}
                yield InputLine(last, json.dumps(post, ensure_ascii=False).encode())
