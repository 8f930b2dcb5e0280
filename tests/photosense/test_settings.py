"""Settings come in layers, each value tells where it came from, and a wrong one is a sentence."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import pytest

from photosense.errors import SettingsError
from photosense.settings import Settings, load_settings
from tests.support.command import Command
from topic_model.errors import RecipeError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "photosense.toml"


def load(file: Path, toml: str = "", given: dict[str, Any] | None = None, **environment: str) -> Settings:
    file.write_text(toml, "utf-8")
    named = {f"PHOTOSENSE_{name.upper()}": value for name, value in environment.items()}
    return load_settings(given, named, file)[0]


def refusal(file: Path, toml: str = "", given: dict[str, Any] | None = None, **environment: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load(file, toml, given, **environment)
    return str(raised.value)


class TestLayers:
    def test_nothing_given_is_the_defaults(self, file: Path) -> None:
        """Without a file, environment or command line every setting has its default and says so."""
        settings, origins = load_settings({}, {}, file)
        assert (settings.home, settings.host, settings.port) == (Path("photosense-data"), "127.0.0.1", 8000)
        assert set(origins) == set(Settings.model_fields)
        assert set(origins.values()) == {"default"}

    def test_the_nearer_layer_wins(self, file: Path) -> None:
        """The command line comes before the environment, that before the file, that before the defaults."""
        file.write_text("port = 1\ntopics = 11\npasses = 21\n")
        environment = {"PHOTOSENSE_PORT": "2", "PHOTOSENSE_TOPICS": "12", "OTHER_SEED": "9"}
        settings, origins = load_settings({"port": 3, "seed": None}, environment, file)
        assert (settings.port, settings.topics, settings.passes, settings.seed) == (3, 12, 21, 0)
        assert {name: origins[name] for name in ("port", "topics", "passes", "seed")} == {
            "port": "command line",
            "topics": "environment",
            "passes": str(file),
            "seed": "default",
        }

    @pytest.mark.parametrize(
        ("toml", "environment"),
        [
            ('encoder = ["patches", "networks/trunk.toml"]\nencoder_totals = {patches = 100}\n', {}),
            ("", {"encoder": "patches, networks/trunk.toml", "encoder_totals": '{"patches": 100}'}),
        ],
        ids=["file", "environment"],
    )
    def test_encoders_are_one_or_several(self, file: Path, toml: str, environment: dict[str, str]) -> None:
        """Several encoders are a list; one may stand alone."""
        settings = load(file, toml, **environment)
        assert (settings.encoder, settings.encoder_totals) == (("patches", "networks/trunk.toml"), {"patches": 100})
        assert load(file, 'encoder = "resnet50"').encoder == ("resnet50",)
        assert "encoder" in refusal(file, "encoder = []")

    def test_the_environment_may_name_the_file(self, file: Path) -> None:
        """PHOTOSENSE_CONFIG points to a settings file anywhere."""
        file.write_text("topics = 33\n")
        assert load_settings({}, {"PHOTOSENSE_CONFIG": str(file)})[0].topics == 33

    @pytest.mark.parametrize("value", ["10.0.0.0/8,::1/128", " 10.0.0.0/8 , ::1/128, "], ids=["plain", "with blanks"])
    def test_a_list_in_the_environment_is_split_at_commas(self, file: Path, value: str) -> None:
        """Several networks or origins fit into one variable, blanks or not."""
        settings = load(file, trusted_proxies=value, allow_origins="https://a.example, https://b.example")
        assert settings.trusted_proxies == (IPv4Network("10.0.0.0/8"), IPv6Network("::1/128"))
        assert settings.allow_origins == ("https://a.example", "https://b.example")

    def test_an_empty_variable_sets_nothing(self, file: Path) -> None:
        """A variable that a compose file passes on empty leaves the default: above all, no empty key."""
        settings = load(file, api_key="", qdrant_url="", rules="", home="", trusted_proxies="", port="")
        assert settings == load_settings({}, {}, file)[0]
        assert settings.api_key is None

    def test_paths_lie_in_the_home_folder(self, file: Path) -> None:
        """Store and models move with the home folder."""
        settings = load(file, home="/data")
        assert (settings.store_path, settings.models_path) == (Path("/data/store"), Path("/data/models"))

    def test_the_recipe_is_what_was_set(self, file: Path) -> None:
        """Training learns as the settings say; a recipe that cannot be is refused with the numbers."""
        recipe = load(file, topics="7", background="1", passes="3", seed="5", threads="2").recipe(100)
        assert (recipe.topics, recipe.background, recipe.passes, recipe.seed, recipe.threads) == (7, 1, 3, 5, 2)
        with pytest.raises(RecipeError, match="background is 7"):
            load(file, topics="7", background="7").recipe(100)

    @pytest.mark.parametrize(
        ("posts", "topics", "background"),
        [pytest.param(12, 2, 0, id="few"), pytest.param(150, 15, 0, id="some"), pytest.param(5000, 50, 2, id="many")],
    )
    def test_a_site_of_any_size_has_a_recipe(self, file: Path, posts: int, topics: int, background: int) -> None:
        """Without a word about it, a tenth of the posts gives the topics, and background comes with enough of them."""
        recipe = load(file).recipe(posts)
        assert (recipe.topics, recipe.background) == (topics, background)

    def test_a_misspelt_variable_is_refused(self) -> None:
        """PHOTOSENSE_PROT is not quietly the default port."""
        with pytest.raises(SettingsError, match=r"PHOTOSENSE_PROT is no setting \(did you mean PHOTOSENSE_PORT\?\)"):
            load_settings(environment={"PHOTOSENSE_PROT": "9000"})

    def test_the_weight_of_no_modality_is_refused(self, file: Path) -> None:
        """A misspelt modality is named, with those that exist."""
        with pytest.raises(SettingsError, match="images, which is no modality: these are text, tag, image"):
            load(file, weights='{"images": 1}')


class TestRefusals:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            pytest.param({"port": "abc"}, "port is 'abc' (from environment): ", id="no number"),
            pytest.param({"port": "0"}, "port is '0' (from environment): ", id="port too small"),
            pytest.param({"port": "65536"}, "less than or equal to 65535", id="port too large"),
            pytest.param({"topics": "1"}, "topics is '1' (from environment): ", id="one topic"),
            pytest.param({"passes": "0"}, "passes is '0'", id="no pass"),
            pytest.param({"threads": "0"}, "threads is '0'", id="no thread"),
            pytest.param({"seed": "1.5"}, "seed is '1.5'", id="half a seed"),
            pytest.param({"max_body_mb": "0"}, "max_body_mb is '0'", id="no body"),
            pytest.param({"trusted_proxies": "nonsense"}, "trusted_proxies is 'nonsense'", id="no network"),
            pytest.param({"api_key": " "}, "api_key is ... (from environment): a key must", id="blank key"),
        ],
    )
    def test_a_wrong_value_is_named(self, file: Path, environment: dict[str, str], expected: str) -> None:
        """The sentence gives the setting, its value, where it came from and what is expected."""
        assert expected in refusal(file, **environment)

    def test_every_wrong_value_has_its_line(self, file: Path) -> None:
        """Two mistakes are told at once, each with its own origin."""
        result = refusal(file, "topics = 'many'", {"port": 0}).splitlines()
        assert len(result) == 2
        assert any(f"topics is 'many' (from {file})" in line for line in result)
        assert any("port is 0 (from command line)" in line for line in result)

    def test_an_unknown_key_of_the_file_is_refused(self, file: Path) -> None:
        """A misspelt setting is not silently without effect."""
        assert refusal(file, "topcis = 7") == (
            f"topcis (from {file}) is no setting (did you mean topics?): `photosense status` lists them all."
        )

    @pytest.mark.parametrize("toml", ["topics = ", "topics 7", "a = 1\na = 2"], ids=["cut", "no equals", "twice"])
    def test_a_broken_file_is_named(self, file: Path, toml: str) -> None:
        """A file that is no TOML is named with the place of the mistake."""
        assert refusal(file, toml).startswith(f"The settings file {file} cannot be read: ")

    def test_a_file_of_other_bytes_is_named(self, file: Path) -> None:
        """Neither does a file that is no UTF-8, or a folder, end in a traceback."""
        file.write_bytes(b"\xff\xfe")
        with pytest.raises(SettingsError, match="cannot be read"):
            load_settings({}, {}, file)
        with pytest.raises(SettingsError, match="cannot be read"):
            load_settings({}, {}, file.parent)

    def test_a_named_file_must_exist(self, file: Path) -> None:
        """A missing file is an error only when somebody named it."""
        with pytest.raises(SettingsError, match=r"PHOTOSENSE_CONFIG names .+, which does not exist"):
            load_settings({}, {"PHOTOSENSE_CONFIG": str(file)})

    @pytest.mark.parametrize("toml", ["api_key = ''", "qdrant_api_key = ''", "api_key = 5"])
    def test_a_key_that_is_none_is_refused(self, file: Path, toml: str) -> None:
        """An empty key would be known to everybody."""
        assert "_key is ... (from " in refusal(file, toml)


class TestSecrets:
    def test_keys_are_not_printed(self, photosense: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """`status` says that keys are set, and where, but not what they are."""
        monkeypatch.setenv("PHOTOSENSE_API_KEY", "s3cret")
        Path("photosense.toml").write_text("topics = 7\nqdrant_api_key = 's3cret'\n")
        result = photosense("status")
        assert result.code == 0
        assert "s3cret" not in result.out + result.err
        rows = {line.split()[0]: line.split()[1:] for line in result.out.splitlines() if line.split()}
        assert rows["api_key"] == ["(set)", "environment"]
        assert rows["qdrant_api_key"] == ["(set)", "photosense.toml"]
        assert rows["topics"] == ["7", "photosense.toml"]
        assert rows["port"] == ["8000", "default"]
        assert rows.keys() >= Settings.model_fields.keys()

    def test_wrong_keys_are_not_printed(self, file: Path) -> None:
        """A key of the wrong type is refused without repeating it."""
        assert "12345" not in refusal(file, "api_key = 12345")
        assert "s3cret" not in repr(load(file, api_key="s3cret"))
