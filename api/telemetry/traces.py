"""Traces for OpenTelemetry: a span a request, and one for each stage of a search; nothing of what was asked."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import Any, Final

from api.errors import ApiError

_OFF: Final = nullcontext()
_WAIT: Final = 2.0  # seconds that a collector has for what is left at the end
_QUIET: Final = {"record_exception": False, "set_status_on_exception": False}  # a message may quote what was asked
_tracer: Any = None  # of the process, as its figures are


@contextmanager
def traced(url: str | None, share: float) -> Iterator[None]:
    """Send spans to a collector (OTLP over HTTP) while the block runs; without an address nothing is loaded or made."""
    global _tracer
    if url is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError:
        raise ApiError(
            "`traces` names a collector, and what sends spans is not installed: "
            "pip install 'photosense[opentelemetry]', or leave `traces` unset."
        ) from None
    resource = Resource.create({"service.name": "photosense", "service.version": version("photosense")})
    provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(share)))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_WAIT)))
    _tracer = provider.get_tracer("photosense")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def stage_span(name: str) -> AbstractContextManager[Any]:
    """A span of a stage, within that of its request."""
    return _OFF if _tracer is None else _tracer.start_as_current_span(f"search.{name}", **_QUIET)


@contextmanager
def request_span(headers: Mapping[str, str], request_id: str) -> Iterator[Any]:
    """A span of a request, under the caller's where he sent one; gives what `end_span` is told, or None."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    caller = TraceContextTextMapPropagator().extract({"traceparent": headers.get("traceparent", "")})
    with _tracer.start_as_current_span("request", context=caller, kind=SpanKind.SERVER, **_QUIET) as span:
        span.set_attribute("photosense.request_id", request_id)
        yield span


def end_span(span: Any, method: str, route: str, status: int) -> None:
    """Name a span by its address without its values, and say what was answered."""
    if span is not None:
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
