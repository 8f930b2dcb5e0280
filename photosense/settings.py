"""Settings: one typed object; the command line comes before PHOTOSENSE_*, then photosense.toml, then defaults."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator

from api.settings import ServiceSettings
from ingest.settings import Modality
from photosense.errors import SettingsError
from photosense.layers import PREFIX, did_you_mean, from_environment, from_file
from qdrant.engine.store import Bounds
from qdrant.server.settings import ServerSettings
from topic_model.corpus import TOKENS_IN_SHARD
from topic_model.training.recipe import DEFAULT_HEARD, DEFAULT_REGULARISERS, DEFAULT_WEIGHTS, Recipe
from topic_model.training.regularisers import Regulariser
from topic_model.training.train import TrainingEngine
from topic_model.vocabulary import TokenBounds
from vision.dual.dual_encoder import DualEncoder, make_dual_encoder
from vision.evidence.evidence import PhotoEvidence
from vision.evidence.make_evidence import make_evidence
from vision.make_encoder import Encoder, make_encoder
from vision.networks.network import Runtime
from vision.text.text_encoder import TextEncoder, make_text_encoder

FILE = "photosense.toml"


def _in_one(urls: Any) -> Any:
    """Several addresses as one string, as the environment gives them."""
    return ",".join(map(str, urls)) if isinstance(urls, list) else urls


class Settings(ServiceSettings, extra="forbid"):
    """Everything that can be set."""

    home: Path = Field(Path("photosense-data"), description="Folder of the store, the models and the audit.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="Port to listen on.")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Processes that answer on that port.")
    qdrant_url: Annotated[str, BeforeValidator(_in_one)] | None = Field(
        None,
        description="A Qdrant server, or several addresses of one cluster; none: the engine in the home.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="Key of the Qdrant server.")
    qdrant_collection: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] = Field(
        "photosense", description="Alias of the collection on the server; services of one name share it."
    )
    qdrant_shards: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="Shards of a new collection.")
    qdrant_replicas: Annotated[int, Field(ge=1, le=100)] = Field(1, description="Copies of each shard.")
    qdrant_write_replicas: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="Copies that must have a write before it is acknowledged."
    )
    qdrant_payload_on_disk: bool = Field(True, description="Keep payloads of a new collection on the server's disk.")
    qdrant_timeout: Annotated[float, Field(gt=0, le=600)] = Field(
        10.0, description="Seconds until one request to the server is given up."
    )
    qdrant_grpc_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        None, description="Port of gRPC; none: the one after that of REST, where somebody answers there; 0: never."
    )
    exact_up_to: Annotated[int, Field(ge=0)] = Field(
        100_000, description="Up to so many posts all thetas are compared; above, a graph of them is walked."
    )
    filterable_attrs: Annotated[int, Field(ge=0, le=1000)] = Field(
        64, description="Most fields of the site (attrs, by kind of value) that searches may be filtered by."
    )
    rules: Path | None = Field(None, description="The rules.yaml of the site's lawyer; none: the example that ships.")
    topic_net: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None,
        description="From which share of posts about children in its topics on a question is refused; none: never.",
    )
    telling_words: Annotated[float, Field(ge=0.5, le=1)] | None = Field(
        0.9,
        description="A question is refused for a word if so large a share of its posts is about children; none: never.",
    )
    processes: Annotated[int, Field(ge=0, le=256)] = Field(
        default_factory=lambda: max((os.cpu_count() or 1) - 1, 0),
        description="Processes that read the lines of a long file, beside the one that stores them.",
    )
    encoder: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] = Field(
        ("patches",), description="What turns photos into visual words: names, descriptions (.toml) or fitted folders."
    )
    dual_encoder: Path | None = Field(
        None, description="A CLIP or SigLIP of your own that finds photos as well: its description (.toml); none: none."
    )
    text_encoder: Path | None = Field(
        None,
        description="A network that reads what texts mean, beside their words: its description (.toml); none: none.",
    )
    evidence: Annotated[tuple[Path, ...], Field(max_length=8)] = Field(
        (), description="Further networks whose evidence the photo detector weighs: their descriptions (.toml)."
    )
    encoder_totals: dict[str, Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]] = Field(
        {}, description="What the words of a kind weigh in a photo, where not 200; 0 leaves them out."
    )
    encoder_runtime: Runtime = Field(Runtime.ONNXRUNTIME, description="Who runs networks in ONNX files.")
    topics: Annotated[int, Field(ge=2, le=2000)] | None = Field(
        None, description="Number of topics of a new model; none: a tenth of the posts, at most 50."
    )
    background: Annotated[int, Field(ge=0)] | None = Field(
        None, description="How many of them are for what every post has; none: 2, and 0 below 20 topics."
    )
    committee: Annotated[int, Field(ge=1, le=16)] = Field(
        1, description="How many models of other seeds judge together: each finds better, and costs as much again."
    )
    aligned: bool = Field(
        True, description="Whether photos that look like the question are found as well, beside topics and words."
    )
    ideas: bool = Field(
        True, description="Whether a question also finds what says the same in other words, and in the other language."
    )
    heard: dict[Modality, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] = Field(
        dict(DEFAULT_HEARD),
        description="How much each modality counts where topics of posts and questions are inferred.",
    )
    passes: Annotated[int, Field(ge=1, le=1000)] = Field(25, description="How often training goes through all posts.")
    engine: TrainingEngine = Field(
        TrainingEngine.OWN, description="Who learns: our own loops, or bigartm, their judge."
    )
    shard_tokens: Annotated[int, Field(ge=1000)] = Field(
        TOKENS_IN_SHARD, description="Tokens of the corpus that are in memory at once in training."
    )
    online: bool = Field(False, description="Learn after every shard, for more posts than a few passes can teach.")
    weights: dict[Modality, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] = Field(
        dict(DEFAULT_WEIGHTS), description="How much each modality counts in training; 0 leaves it out."
    )
    regularisers: list[Regulariser] = Field(
        list(DEFAULT_REGULARISERS), description="What the model is wanted to be like."
    )
    min_documents: Annotated[int, Field(ge=1)] = Field(2, description="Words in fewer posts are not learned.")
    max_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.7, description="Words in more of all posts are not learned."
    )
    vocabulary: Annotated[int, Field(ge=1)] = Field(50_000, description="Most words that are learned of a modality.")
    held_out: Annotated[int, Field(ge=0)] = Field(
        0, description="One post in so many is kept out of training, to measure the model on; 0 keeps none out."
    )
    children: Annotated[int, Field(ge=0, le=20)] = Field(3, description="Child topics of each topic; 0 for none.")
    check_hours: Annotated[float, Field(ge=0, le=8760)] = Field(
        24.0,
        description="Hours between two checks of the home while it is served, slow and in the background; 0: never.",
    )
    audit_mb: Annotated[int, Field(ge=0, le=100_000)] = Field(
        256, description="MB at which a file of the audit is closed, and the record goes on in the next; 0: never."
    )
    keep_models: Annotated[int, Field(ge=2, le=20)] = Field(
        2, description="Models that are kept, that in force among them: those before it can be gone back to."
    )
    backups: Path | None = Field(
        None, description="Folder of the backups that a task makes (`POST /v1/tasks`); none: it makes none."
    )
    keep_backups: Annotated[int, Field(ge=1, le=1000)] = Field(
        7, description="Backups that a task keeps there: the oldest go."
    )
    seed: int = Field(0, description="Seed of training: the same posts and seed give the same model.")
    threads: Annotated[int, Field(ge=1, le=256)] = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 16),
        description="Threads of training, and of a network that sees photos.",
    )

    @model_validator(mode="after")
    def _known_modalities(self) -> "Settings":
        """Refuse the weight of a modality that does not exist."""
        for setting, named in (("weights", self.weights), ("heard", self.heard)):
            for modality in named:
                if modality not in DEFAULT_WEIGHTS and modality not in self.modalities:
                    known = ", ".join([*DEFAULT_WEIGHTS, *self.modalities])
                    raise ValueError(f"{setting} names {modality}, which is no modality: these are {known}")
        return self

    @field_validator("api_key", "qdrant_api_key")
    @classmethod
    def _not_empty(cls, key: SecretStr | None) -> SecretStr | None:
        """Refuse a key that everybody knows."""
        if key is not None and not key.get_secret_value().strip():
            raise ValueError("a key must not be empty, give one or leave the setting out")
        return key

    @field_validator("encoder", "evidence", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        """Take one without brackets."""
        return (given,) if isinstance(given, str) else given

    @property
    def store_path(self) -> Path:
        """Where the embedded store lies."""
        return self.home / "store"

    @property
    def models_path(self) -> Path:
        """Where the models lie."""
        return self.home / "models"

    @property
    def letters_path(self) -> Path:
        """Where the lines lie that were turned away."""
        return self.home / "rejected"

    @property
    def journal_path(self) -> Path:
        """Where runs that are under way remember how far they got."""
        return self.home / "journal"

    @property
    def renditions_path(self) -> Path:
        """Where small copies of photos lie."""
        return self.home / "renditions"

    @property
    def ads_path(self) -> Path:
        """Where the model of advertisements lies, once there is one."""
        return self.home / "ads.json"

    @property
    def detector_path(self) -> Path:
        """Where the photo detector lies, once there is one."""
        return self.home / "detector"

    @property
    def audit_path(self) -> Path:
        """Where the record of compliance lies."""
        return self.home / "audit.ndjson"

    @property
    def takedowns_path(self) -> Path:
        """Where the register of takedowns lies."""
        return self.home / "takedowns.ndjson"

    @property
    def tombstones_path(self) -> Path:
        """Where it is remembered what was held."""
        return self.home / "tombstones.ndjson"

    @property
    def feedback_path(self) -> Path:
        """Where what visitors think of hits is kept."""
        return self.home / "feedback"

    @property
    def keys_path(self) -> Path:
        """Where the digests of the keys lie."""
        return self.home / "keys.json"

    @property
    def tasks_path(self) -> Path:
        """Where the book of tasks lies."""
        return self.home / "tasks.sqlite"

    @property
    def imports_path(self) -> Path:
        """Where lines lie that were sent to be imported."""
        return self.home / "imports"

    @property
    def encoders_path(self) -> Path:
        """Where fitted encoders lie."""
        return self.home / "encoders"

    def make_encoder(self) -> Encoder:
        """Build what turns photos into visual words."""
        return make_encoder(
            *self.encoder, totals=self.encoder_totals, runtime=self.encoder_runtime, threads=self.threads
        )

    def make_dual_encoder(self) -> DualEncoder | None:
        """Open the dual encoder, where one is named."""
        described = self.dual_encoder
        return make_dual_encoder(described, self.encoder_runtime, self.threads) if described else None

    def make_text_encoder(self) -> TextEncoder | None:
        """Open the text encoder, where one is named."""
        return make_text_encoder(self.text_encoder, self.threads) if self.text_encoder else None

    def make_evidence(self) -> PhotoEvidence:
        """Open the further networks that look at photos for the detector."""
        return make_evidence(self.evidence, self.encoder_runtime, self.threads)

    @property
    def bounds(self) -> Bounds:
        """How far the store compares everything, and indexes what it sees."""
        return Bounds(self.exact_up_to, self.filterable_attrs)

    @property
    def server_settings(self) -> ServerSettings:
        """How the points should lie on a server."""
        return ServerSettings(
            collection=self.qdrant_collection,
            shards=self.qdrant_shards,
            replicas=self.qdrant_replicas,
            write_replicas=self.qdrant_write_replicas,
            payload_on_disk=self.qdrant_payload_on_disk,
            timeout=self.qdrant_timeout,
            grpc_port=self.qdrant_grpc_port,
        )

    def recipe(self, posts: int) -> Recipe:
        """How a new model is learned from so many posts."""
        topics = self.topics or max(2, min(50, posts // 10))
        background = self.background if self.background is not None else 2 * (topics >= 20)
        weights = {**DEFAULT_WEIGHTS, **dict.fromkeys(self.modalities, 1.0), **self.weights}
        bounds = TokenBounds(self.min_documents, self.max_share, self.vocabulary)
        return Recipe(
            topics=topics,
            background=background,
            committee=self.committee,
            passes=self.passes,
            weights=weights,
            heard={**DEFAULT_HEARD, **self.heard},
            bounds=dict.fromkeys(weights, bounds),
            regularisers=tuple(self.regularisers),
            shard_tokens=self.shard_tokens,
            online=self.online,
            seed=self.seed,
            threads=self.threads,
        )


def settings_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the settings file lies, once there is one."""
    return Path(environment.get(PREFIX + "CONFIG") or FILE)


def load_settings(
    given: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> tuple[Settings, dict[str, str]]:
    """Read the settings, and for each of them where it came from; `given` comes from the command line."""
    named = environment.get(PREFIX + "CONFIG")
    file = file or settings_file(environment)
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, layer in (
        (str(file), from_file(file, required=named is not None)),
        ("environment", from_environment(environment, Settings.model_fields)),
        ("command line", {name: value for name, value in (given or {}).items() if value is not None}),
    ):
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    try:
        return Settings(**values), origins
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem, origins) for problem in error.errors())) from None


def _sentence(problem: Any, origins: Mapping[str, str]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "settings"
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(name, Settings.model_fields)
        return f"{name} (from {origins.get(name)}) is no setting{hint}: `photosense status` lists them all."
    value_text = "..." if "key" in name or name == "webhooks" else repr(problem["input"])
    return f"{name} is {value_text} (from {origins.get(name)}): {problem['msg'].removeprefix('Value error, ')}."
