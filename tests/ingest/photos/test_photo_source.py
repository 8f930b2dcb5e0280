"""Photos come from the line or from the folder of the posts file, and from nowhere else."""

from base64 import b64encode
from pathlib import Path

import pytest

from ingest.errors import PostRejected
from ingest.photos.photo_source import FolderPhotos, InlinePhotos, PhotoSource

BYTES = bytes(range(256))
BASE64 = b64encode(BYTES).decode()


def refusal(source: PhotoSource, photo: str) -> PostRejected:
    with pytest.raises(PostRejected) as raised:
        source.read(photo)
    return raised.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of posts with a photo, beside a file that is not its business."""
    folder = tmp_path / "posts"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "море.jpg").write_bytes(BYTES)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return folder


class TestInlinePhotos:
    @pytest.mark.parametrize(
        "photo",
        [
            pytest.param(BASE64, id="bare base64"),
            pytest.param(f"data:image/png;base64,{BASE64}", id="data URI"),
            pytest.param(f"data:;base64,{BASE64}", id="data URI without a type"),
        ],
    )
    def test_base64_is_decoded(self, photo: str) -> None:
        """Base64 gives the bytes, as a data URI or bare."""
        assert InlinePhotos().read(photo) == BYTES

    @pytest.mark.parametrize(
        "photo",
        [
            pytest.param("photos/море.jpg", id="a path"),
            pytest.param("/etc/hostname", id="an absolute path"),
            pytest.param(BASE64[:-1], id="cut"),
            pytest.param(f"{BASE64[:20]}\n{BASE64[20:]}", id="wrapped"),
            pytest.param("data:image/svg+xml;utf8,<svg/>", id="data URI that is not base64"),
            pytest.param("QUJD\x00", id="NUL"),
        ],
    )
    def test_what_is_no_base64_is_refused(self, photo: str) -> None:
        """A path or damaged base64 is refused with what to send."""
        refused = refusal(InlinePhotos(), photo)
        assert refused.reason == "photo_not_base64"
        assert "send the bytes of the file as base64" in str(refused)

    @pytest.mark.parametrize("photo", ["https://photos.example/p.jpg", "file:///etc/hostname", "ftp://photos.example/"])
    @pytest.mark.parametrize("inline", [True, False], ids=["inline", "folder"])
    def test_urls_are_not_fetched(self, folder: Path, photo: str, inline: bool) -> None:
        """A URL is refused by every source."""
        refused = refusal(InlinePhotos() if inline else FolderPhotos(folder), photo)
        assert refused.reason == "photo_url_off"
        assert photo in str(refused)


class TestFolderPhotos:
    @pytest.mark.parametrize("photo", ["photos/море.jpg", "./photos/../photos/море.jpg"])
    def test_a_path_is_read_relative_to_the_folder(self, folder: Path, photo: str) -> None:
        """A path within the folder gives the bytes of the file."""
        assert FolderPhotos(folder).read(photo) == BYTES

    def test_a_data_uri_is_taken_as_well(self, folder: Path) -> None:
        """A line may bring its photo although it comes from a file."""
        assert FolderPhotos(folder).read(f"data:image/jpeg;base64,{BASE64}") == BYTES

    def test_a_link_within_the_folder_is_followed(self, folder: Path) -> None:
        """A symlink to a photo of the same folder is as good as the photo."""
        (folder / "link.jpg").symlink_to(folder / "photos" / "море.jpg")
        assert FolderPhotos(folder).read("link.jpg") == BYTES

    def test_a_folder_that_is_itself_a_link_is_followed(self, folder: Path, tmp_path: Path) -> None:
        """The folder of the posts file may be reached by a symlink."""
        (tmp_path / "alias").symlink_to(folder)
        assert FolderPhotos(tmp_path / "alias").read("photos/море.jpg") == BYTES

    @pytest.mark.parametrize("kind", ["up", "absolute", "link", "linked folder"])
    def test_nothing_outside_the_folder_is_read(self, folder: Path, tmp_path: Path, kind: str) -> None:
        """Neither dots nor absolute paths nor symlinks lead out of the folder."""
        (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
        (folder / "out").symlink_to(tmp_path)
        paths = {
            "up": "photos/../../secret.jpg",
            "absolute": str(tmp_path / "secret.jpg"),
            "link": "link.jpg",
            "linked folder": "out/secret.jpg",
        }
        refused = refusal(FolderPhotos(folder), paths[kind])
        assert refused.reason == "photo_outside"
        assert "outside the folder of the posts file" in str(refused)

    @pytest.mark.parametrize(
        "photo",
        [
            pytest.param("photos/lost.jpg", id="missing"),
            pytest.param("photos", id="a folder"),
            pytest.param("", id="empty"),
            pytest.param("photos/море.jpg/more", id="below a file"),
            pytest.param("a\0b.jpg", id="NUL"),
            pytest.param("x" * 5000, id="too long a name"),
            pytest.param("circle", id="links in a circle"),
        ],
    )
    def test_what_cannot_be_read_is_missing(self, folder: Path, photo: str) -> None:
        """A path without a readable file is refused with how to give it."""
        (folder / "circle").symlink_to(folder / "round")
        (folder / "round").symlink_to(folder / "circle")
        refused = refusal(FolderPhotos(folder), photo)
        assert refused.reason == "photo_missing"
        assert "give its path relative to the posts file" in str(refused)
