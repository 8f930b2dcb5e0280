"""Progress of long work: on stderr, only where somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(stderr=True)


@contextmanager
def progress(says: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """Show a bar; the function that is given takes how much is done and, if it changes, the total or a remark."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[remark]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(says, total=total, remark="")

        def update(done: int, total: int | None = None, remark: str = "") -> None:
            bars.update(task, completed=done, total=total, remark=remark)

        yield update
