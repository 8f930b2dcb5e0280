"""The book of tasks that the settings name."""

from api.tasks.task_book import TaskBook
from photosense.settings import Settings


def task_book(settings: Settings) -> TaskBook:
    """The tasks of a home."""
    return TaskBook(settings.tasks_path, settings.webhooks)
