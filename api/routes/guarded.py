"""Addresses that nobody reaches unrecognised."""

from fastapi import APIRouter, Depends, Request


class GuardedRoutes(APIRouter):
    """Routes at each of which the app's porter is asked who comes, and then whether it was answered already.

    They hold both themselves, so that an app takes them as they are. FastAPI builds whatever it includes once more at
    the first request, and looks through it twice at each.
    """

    def __init__(self, prefix: str = "", tag: str | None = None) -> None:
        super().__init__(
            prefix=prefix,
            tags=[tag] if tag else None,
            include_in_schema=tag is not None,
            dependencies=[Depends(_guard)],
        )


async def _guard(request: Request) -> None:
    await request.app.state.porter(request)
    await request.app.state.repeats(request)
