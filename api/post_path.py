"""Ids of posts in addresses: whatever the site calls a post, line feeds included, at which a usual path ends."""

from starlette.convertors import Convertor, register_url_convertor


class PostPath(Convertor[str]):
    """All that stands there, as it is."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """Give the id."""
        return value

    def to_string(self, value: str) -> str:
        """Write the id."""
        return value


register_url_convertor("post", PostPath())
