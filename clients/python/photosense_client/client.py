"""The synchronous client. Written by generate.py (`make clients`): change async_client.py instead."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, TypeVar, Unpack
from urllib.parse import quote

import httpx

from photosense_client.answer_reader import read_answer
from photosense_client.answers import (
    AnnotateAnswer,
    ClassifyAnswer,
    ConsentsAnswer,
    DeletedAnswer,
    DeletionsAnswer,
    FactsAnswer,
    FeedbackAnswer,
    HealthAnswer,
    Hit,
    LifeAnswer,
    LineAnswer,
    MatchAnswer,
    MultiSearchAnswer,
    PostAnswer,
    PostsAnswer,
    QueueAnswer,
    ReviewAnswer,
    SearchAnswer,
    StatusAnswer,
    StoredAnswer,
    SuggestAnswer,
    TakedownAnswer,
    TakedownPreview,
    TakedownsAnswer,
    TaskAnswer,
    TasksAnswer,
    TokenAnswer,
    TopicsAnswer,
)
from photosense_client.errors import PhotosenseError, PostsRejected, PushStopped
from photosense_client.exchange import (
    NDJSON,
    base_of,
    body_of,
    checked,
    has_lines,
    headers_of,
    json_of,
    once_only,
    post_address,
    query_of,
    refusal,
    settled_lines,
    unreachable,
    unsettled,
)
from photosense_client.options import AnnotateOptions, ClassifyOptions, ListOptions, SearchOptions
from photosense_client.post_lines import Batch, json_line
from photosense_client.push_report import PushReport
from photosense_client.retry import Retry

T = TypeVar("T")
OnReject: TypeAlias = Literal["keep", "withdraw"]


class Client:
    """A photosense service.

    Use it as a context manager, or call `close` at the end; one client serves a whole process.

    Args:
        url: The address of the service, such as ``https://search.photos.example/``.
        key: A key of the site, or a visitor token. Not needed on the machine of a service without keys.
        country: The visitor's country for requests that name none themselves.
        timeout: Seconds to wait for an answer.
        bulk_timeout: Seconds to wait for the next result while posts are pushed; photos take time.
        retry: How often and how patiently requests are sent again.
        http: Your own `httpx.Client`, for proxies or certificates; it is not closed by this client.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        country: str | None = None,
        timeout: float = 30.0,
        bulk_timeout: float = 600.0,
        retry: Retry | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._base = base_of(url)
        self._headers = headers_of(key)
        self._country = country
        self._timeout = timeout
        self._bulk_timeout = bulk_timeout
        self._retry = retry or Retry()
        self._owns_http = http is None
        self._http = http or httpx.Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            self._http.close()

    # --- Questions of visitors ---

    def search(
        self, text: str | None = None, *, photo: bytes | Path | None = None, **options: Unpack[SearchOptions]
    ) -> SearchAnswer:
        """Find posts by text, by photo, or by both; without either, list what passes the filter, newest first.

        Args:
            text: The words.
            photo: The bytes of a photo, or the path of one.
            **options: `limit`, `filter`, `sort`, `facets` and all other fields of a search, see `SearchOptions`.
        """
        body = {"text": text, "photo": photo, **options}
        return self._post("v1/search", SearchAnswer, body, located=True)

    def pages(
        self, text: str | None = None, *, photo: bytes | Path | None = None, **options: Unpack[SearchOptions]
    ) -> Iterator[SearchAnswer]:
        """Iterate over the pages of a search, to the last one."""
        while True:
            page = self.search(text, photo=photo, **options)
            yield page
            if not page.more or page.cursor is None:
                return
            options = {**options, "cursor": page.cursor}

    def hits(
        self, text: str | None = None, *, photo: bytes | Path | None = None, **options: Unpack[SearchOptions]
    ) -> Iterator[Hit]:
        """Iterate over all posts that a search finds, page by page; what is withheld is left out."""
        for page in self.pages(text, photo=photo, **options):
            for hit in page.posts:
                yield hit

    def multi_search(self, searches: Sequence[Mapping[str, Any]], *, country: str | None = None) -> MultiSearchAnswer:
        """Answer up to ten searches, each a mapping of the fields of a search; a mistake in one spoils no other."""
        body = {"searches": [body_of(search) for search in searches], "country": country}
        return self._post("v1/multi-search", MultiSearchAnswer, body, located=True)

    def similar(self, post_id: str, *, limit: int = 20, offset: int = 0, country: str | None = None) -> SearchAnswer:
        """Find posts like a stored one."""
        query = {"limit": limit, "offset": offset, "country": country}
        return self._get(post_address(post_id, "/similar"), SearchAnswer, query, located=True)

    def suggest(self, text: str, *, limit: int = 8, country: str | None = None) -> SuggestAnswer:
        """Complete the word that is being typed."""
        return self._get("v1/suggest", SuggestAnswer, {"q": text, "limit": limit, "country": country}, located=True)

    def annotate(
        self, text: str | None = None, *, photo: bytes | Path | None = None, **options: Unpack[AnnotateOptions]
    ) -> AnnotateAnswer:
        """Propose keywords and hashtags for a text, a photo, or both."""
        body = {"text": text, "photo": photo, **options}
        return self._post("v1/annotate", AnnotateAnswer, body, located=True)

    def classify(
        self,
        modality: str,
        text: str | None = None,
        *,
        photo: bytes | Path | None = None,
        **options: Unpack[ClassifyOptions],
    ) -> ClassifyAnswer:
        """Say how likely a text, a photo, or both are of each class of a modality of the site's own, such as album."""
        body = {"modality": modality, "text": text, "photo": photo, **options}
        return self._post("v1/classify", ClassifyAnswer, body, located=True)

    def match(
        self,
        text: str,
        *,
        photo: bytes | Path | None = None,
        post_id: str | None = None,
        country: str | None = None,
    ) -> MatchAnswer:
        """Score how well a text fits a photo or a stored post, from 0 to 1."""
        body = {"text": text, "photo": photo, "post_id": post_id, "country": country}
        return self._post("v1/match", MatchAnswer, body, located=True)

    def feedback(
        self,
        text: str,
        post_id: str,
        reaction: Literal["click", "good", "bad"],
        *,
        rank: int | None = None,
        country: str | None = None,
    ) -> FeedbackAnswer:
        """Say what a visitor did with a hit of a question, or thinks of it.

        Args:
            text: The question as it was asked.
            post_id: The hit.
            reaction: `click` if it was opened, `good` or `bad` if it is, or is not, what was asked for.
            rank: The place of the hit.
            country: The visitor's country.
        """
        body = {"text": text, "post_id": post_id, "reaction": reaction, "rank": rank, "country": country}
        return self._post("v1/feedback", FeedbackAnswer, body, located=True)

    def topics(self, *, country: str | None = None) -> TopicsAnswer:
        """List the topics of the model."""
        return self._get("v1/topics", TopicsAnswer, {"country": country}, located=True)

    def post(self, post_id: str, *, country: str | None = None) -> PostAnswer:
        """Read one post.

        Raises:
            WithheldByLaw: The law of the country withholds it.
            NotFound: There is none.
        """
        return self._get(post_address(post_id), PostAnswer, {"country": country}, located=True)

    def posts(self, **options: Unpack[ListOptions]) -> PostsAnswer:
        """Read one page of the list of posts, newest first unless `sort` says otherwise."""
        return self._get("v1/posts", PostsAnswer, options, located=True)

    def every_post(self, **options: Unpack[ListOptions]) -> Iterator[PostAnswer]:
        """Iterate over all posts that may be seen, page by page."""
        options = {"limit": 1000, **options}
        while True:
            page = self.posts(**options)
            for post in page.posts:
                yield post
            if page.cursor is None:
                return
            options = {**options, "cursor": page.cursor}

    # --- Posts of the site ---

    def push(
        self,
        posts: Iterable[Mapping[str, Any]],
        *,
        raise_rejected: bool = True,
        on_reject: OnReject | None = None,
    ) -> PushReport:
        """Store posts, in batches, from an iterator of any length.

        Pushing a post twice changes nothing, so that a push that stopped can simply be done again.

        Args:
            posts: The posts, each a mapping of the fields of a post. Its `photo` may be bytes or a path.
            raise_rejected: Raise at the end if some were rejected. One broken post never hinders the others.
            on_reject: What becomes of a stored post that a rejected one was to replace: `keep` leaves it, `withdraw`
                removes it. Unless said, it goes if its captions were emptied.

        Raises:
            PostsRejected: Some posts were rejected; all others are stored.
            PushStopped: The service could not be reached, or refused the push, even after several attempts.
        """
        report = PushReport()
        try:
            for line in self.push_each(posts, on_reject=on_reject):
                report.add(line)
        except PhotosenseError as error:
            raise PushStopped(report, error) from error
        if report.rejected and raise_rejected:
            raise PostsRejected(report)
        return report

    def push_each(
        self,
        posts: Iterable[Mapping[str, Any]],
        *,
        on_reject: OnReject | None = None,
    ) -> Iterator[LineAnswer]:
        """Store posts as `push` does, and yield what became of each, in order, once it is safe."""
        batch = Batch()
        settled = 0
        for post in posts:
            batch.add(json_line(post))
            if batch.is_full:
                for line in self._settle(batch.lines, on_reject):
                    settled += 1
                    yield replace(line, line=settled)
                batch = Batch()
        for line in self._settle(batch.lines, on_reject):
            settled += 1
            yield replace(line, line=settled)

    def put(self, post_id: str, post: Mapping[str, Any], *, on_reject: OnReject | None = None) -> StoredAnswer:
        """Store one post whole: what it does not name is gone.

        Raises:
            BadRequest: It was rejected; `code` is the reason.
            Outdated: A later version is stored.
        """
        query = {"on_reject": on_reject}
        return self._ask("PUT", post_address(post_id), StoredAnswer, query=query, body=post)

    def patch(self, post_id: str, changes: Mapping[str, Any], *, on_reject: OnReject | None = None) -> StoredAnswer:
        """Change a part of a post: None removes a field, what is not named stays, and all of it is judged anew.

        Raises:
            NotFound: There is no such post.
            BadRequest: What would become of it was rejected; `code` is the reason.
            Outdated: A later version is stored, or `version` has to be named.
        """
        query = {"on_reject": on_reject}
        return self._ask("PATCH", post_address(post_id), StoredAnswer, query=query, body=changes)

    def delete(self, post_id: str) -> DeletedAnswer:
        """Remove a post."""
        return self._ask("DELETE", post_address(post_id), DeletedAnswer, once=True)

    def delete_many(
        self,
        *,
        ids: Sequence[str] | None = None,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - as the service calls it
        limit: int | None = None,
        dry_run: bool = False,
        expected: int | None = None,
    ) -> DeletionsAnswer:
        """Remove posts by their ids or by a filter; repeat it while the answer says that there are `more`.

        Args:
            ids: The ids, ten thousand at most.
            filter: What posts must be like.
            limit: How many of those that pass the filter are removed at most; a thousand unless said.
            dry_run: Only tell which ones, and how many.
            expected: Remove none if it would be another number (`Outdated`).
        """
        given = None if ids is None else list(ids)
        body = {"ids": given, "filter": filter, "limit": limit, "dry_run": dry_run, "expected": expected}
        return self._post("v1/posts:delete", DeletionsAnswer, body, once=True)

    def visitor_token(
        self,
        *,
        country: str | None = None,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - as the service calls it
        language: str | None = None,
        seconds: int | None = None,
    ) -> TokenAnswer:
        """Sign what the site knows of a visitor, for the visitor's browser to send instead of a key.

        Args:
            country: Whose law holds.
            filter: What posts must be like to be there for this visitor at all.
            language: The language of the sentence that stands in for what is withheld.
            seconds: How long the token is good for; an hour unless said.
        """
        body = {"country": country, "filter": filter, "language": language, "seconds": seconds}
        return self._post("v1/tokens", TokenAnswer, body)

    # --- Review and the law ---

    def review_queue(
        self,
        *,
        limit: int = 50,
        offset: int = 0,
        rule: str | None = None,
        author: str | None = None,
        unseen: bool | None = None,
        sort: str | None = None,
    ) -> QueueAnswer:
        """Read what waits for review."""
        query = {"limit": limit, "offset": offset, "rule": rule, "author": author, "unseen": unseen, "sort": sort}
        return self._get("v1/review", QueueAnswer, query)

    def review(
        self, by: str, *, decisions: Sequence[Mapping[str, Any]] = (), undo: Sequence[str | Mapping[str, str]] = ()
    ) -> ReviewAnswer:
        """Decide on posts in bulk, and take decisions back.

        Args:
            by: An identifier of whoever decides, no name.
            decisions: Mappings of `id`, `child` and, where a parent agreed, `consent`; with the `revision` that was
                seen nothing is decided of a post that is another one by now.
            undo: Ids of posts whose last decision is taken back, or mappings of `id` and `revision`.
        """
        body = {"by": by, "decisions": list(decisions), "undo": list(undo)}
        return self._post("v1/review", ReviewAnswer, body, once=True)

    def decide(
        self,
        post_id: str,
        child: str,
        *,
        by: str,
        consent: Mapping[str, Any] | None = None,
        revision: str | None = None,
    ) -> FactsAnswer:
        """Decide on one post, or record a parent's consent; with the `revision` that was seen, on no other one."""
        body = body_of({"by": by, "child": child, "consent": consent, "revision": revision})
        return self._ask("PUT", post_address(post_id, "/compliance"), FactsAnswer, body=body, once=True)

    def facts(self, post_id: str) -> FactsAnswer:
        """Read what is known of a post and children, and how that came about."""
        return self._get(post_address(post_id, "/compliance"), FactsAnswer)

    def life(self, post_id: str) -> LifeAnswer:
        """Read the whole life of a post, also of one that is gone."""
        return self._get(post_address(post_id, "/compliance/life"), LifeAnswer)

    def consents(self, *, limit: int = 50, offset: int = 0) -> ConsentsAnswer:
        """List the posts that a consent stands on."""
        return self._get("v1/consents", ConsentsAnswer, {"limit": limit, "offset": offset})

    def revoke_consent(self, post_id: str, *, by: str) -> FactsAnswer:
        """Take a consent back: the post is withheld from now on."""
        return self._ask("DELETE", post_address(post_id, "/compliance/consent"), FactsAnswer, query={"by": by})

    def take_down(
        self,
        *,
        by: str,
        reason: str,
        post_id: str | None = None,
        link: str | None = None,
        photo: bytes | Path | None = None,
    ) -> TakedownAnswer:
        """Take down a post, what a link leads to, or a photo, for good; give one of the three."""
        body = {"post_id": post_id, "link": link, "photo": photo, "by": by, "reason": reason}
        return self._post("v1/takedowns", TakedownAnswer, body, once=True)

    def preview_takedown(
        self, *, post_id: str | None = None, link: str | None = None, photo: bytes | Path | None = None
    ) -> TakedownPreview:
        """Read which posts a takedown would remove, and change nothing."""
        body = {"post_id": post_id, "link": link, "photo": photo}
        return self._post("v1/takedowns:preview", TakedownPreview, body)

    def takedowns(self, *, limit: int = 50) -> TakedownsAnswer:
        """List the proof records of takedowns, the latest first."""
        return self._get("v1/takedowns", TakedownsAnswer, {"limit": limit})

    # --- Tasks ---

    def import_posts(
        self,
        posts: Iterable[Mapping[str, Any]],
        *,
        on_reject: OnReject | None = None,
    ) -> TaskAnswer:
        """Hand over posts of any number, to be taken in by a task; `wait_for` tells what became of them.

        It is sent once: if the connection breaks, no task begins, and all can be sent again.
        """
        request = self._http.build_request(
            "POST",
            self._base + "v1/posts:import",
            params=query_of({"on_reject": on_reject}),
            content=_lines_of(posts),
            headers={**self._headers, "Content-Type": NDJSON},
            timeout=self._bulk_timeout,
        )
        try:
            return read_answer(TaskAnswer, json_of(checked(self._http.send(request))))
        except httpx.RequestError as error:
            raise unreachable(self._base, error) from error

    def begin_task(self, kind: str, **options: Any) -> TaskAnswer:
        """Begin to `train` a model, to `backup` the home, or to `judge` stored posts again.

        Raises:
            Outdated: One of the kind is under way already.
        """
        return self._post("v1/tasks", TaskAnswer, {"kind": kind, **options}, once=True)

    def tasks(self, *, kind: str | None = None, state: str | None = None, limit: int | None = None) -> TasksAnswer:
        """List tasks of the last month, the latest first."""
        return self._get("v1/tasks", TasksAnswer, {"kind": kind, "state": state, "limit": limit})

    def task(self, task_id: str) -> TaskAnswer:
        """Read how far a task is, and what came of it."""
        return self._get(f"v1/tasks/{quote(task_id, safe='')}", TaskAnswer)

    def cancel_task(self, task_id: str) -> TaskAnswer:
        """Cancel a task; what it stored by then stays."""
        return self._ask("POST", f"v1/tasks/{quote(task_id, safe='')}:cancel", TaskAnswer, once=True)

    def wait_for(self, task_id: str, *, every: float = 2.0) -> TaskAnswer:
        """Wait until a task has ended, and return it: `state` is `succeeded`, `failed` or `cancelled`.

        Args:
            task_id: The id of the task.
            every: Seconds between two looks at it.
        """
        while True:
            task = self.task(task_id)
            if task.ended is not None:
                return task
            time.sleep(every)

    # --- The service ---

    def status(self) -> StatusAnswer:
        """Read how many posts there are, which model answers, which rules are in force."""
        return self._get("v1/status", StatusAnswer)

    def ready(self) -> HealthAnswer:
        """Read whether searches can be answered.

        Raises:
            ServiceBusy: They cannot.
        """
        return self._get("readyz", HealthAnswer)

    # --- How it is asked ---

    def _get(self, path: str, kind: type[T], query: Mapping[str, Any] | None = None, *, located: bool = False) -> T:
        return self._ask("GET", path, kind, query=self._for_visitor(query or {}) if located else query)

    def _post(
        self, path: str, kind: type[T], body: Mapping[str, Any], *, located: bool = False, once: bool = False
    ) -> T:
        fields = body_of(self._for_visitor(body) if located else body)
        return self._ask("POST", path, kind, body=fields, once=once)

    def _for_visitor(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return fields if fields.get("country") else {**fields, "country": self._country}

    def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> T:
        """Send a request until it is answered, or it makes no sense any more to try.

        What must not be done twice carries a key of its own, by which the service knows it again.
        """
        request = self._http.build_request(
            method,
            self._base + path,
            params=query_of(query or {}),
            content=None if body is None else json_line(body),
            headers=self._headers | ({} if body is None else {"Content-Type": "application/json"}) | once_only(once),
            timeout=self._timeout,
        )
        attempt = 0
        while True:
            attempt += 1
            try:
                response = checked(self._http.send(request))
                return read_answer(kind, json_of(response))
            except httpx.RequestError as error:
                self._wait(attempt, unreachable(self._base, error))
            except PhotosenseError as error:
                self._wait(attempt, error)

    def _settle(self, lines: list[bytes], on_reject: OnReject | None) -> Iterator[LineAnswer]:
        """Send lines until each is settled; those that were answered before a connection broke are not sent again."""
        attempt = 0
        while lines:
            attempt += 1
            settled, error = self._send_lines(lines, on_reject)
            for line in settled:
                yield line
            if settled:
                lines, attempt = lines[len(settled) :], 1
            if error:
                self._wait(attempt, error)

    def _send_lines(
        self, lines: list[bytes], on_reject: OnReject | None
    ) -> tuple[list[LineAnswer], PhotosenseError | None]:
        """Send lines once; return the results up to the first one that was not settled, and why it was not."""
        results: list[LineAnswer] = []
        try:
            with self._http.stream(
                "POST",
                self._base + "v1/posts:bulk",
                params=query_of({"on_reject": on_reject}),
                content=b"".join(lines),
                headers={**self._headers, "Content-Type": NDJSON},
                timeout=httpx.Timeout(self._timeout, read=self._bulk_timeout),
            ) as response:
                if not has_lines(response):
                    response.read()
                    return [], refusal(response)
                for text in response.iter_lines():
                    results.append(read_answer(LineAnswer, json.loads(text)))
        except (httpx.RequestError, json.JSONDecodeError) as error:
            return settled_lines(results), unreachable(self._base, error)
        settled = settled_lines(results)
        return settled, None if len(settled) == len(lines) else unsettled(results, settled, response)

    def _wait(self, attempt: int, error: PhotosenseError) -> None:
        """Wait before a further attempt, or raise the error if there is to be none."""
        seconds = self._retry.seconds(attempt, error)
        if seconds is None:
            raise error
        time.sleep(seconds)


def _lines_of(posts: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for post in posts:
        yield json_line(post)
