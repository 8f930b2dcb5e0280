"""The policy: which country withholds what, read from a file that a lawyer can edit."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from compliance.country import Country, country_codes
from compliance.errors import RulesError
from compliance.facts import Child
from compliance.yamlfile import location, no_other_keys, read_yaml, strings

SENTENCE = "This image is unavailable in your country in compliance with local laws."
STRICTEST = "*"
_RULES = Path(__file__).parent / "data" / "rules.yaml"
AGE = 16  # of children as the lexicon and the detector know them: under this
_FILE_KEYS = ("version", "sentence", "sentences", "groups")
_GROUP_KEYS = (
    *("countries", "withhold", "action", "refuse_queries", "sentence", "sentences", "law"),
    *("age", "consent_lifts", "require_detector"),
)
_WITHHOLDABLE = (Child.CHILD, Child.REVIEW, Child.CONSENTED)


class Treatment(StrEnum):
    """What becomes of a hit that is withheld."""

    OMIT = "omit"
    DISCLAIMER = "disclaimer"


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds in one group of countries; `code` is the country of the visitor whom it is applied to.

    `withhold` says it all: it has `consented` where consent does not lift the rule, and `unseen` where a detector must
    have looked at a photo.
    """

    group: str
    countries: frozenset[str]
    withhold: frozenset[Child]
    treatment: Treatment
    refuse_queries: bool
    sentence: str = SENTENCE
    law: str = ""
    age: int = AGE
    sentences: Mapping[str, str] = field(default_factory=dict, compare=False)
    code: str | None = field(default=None, compare=False)

    @property
    def consent_lifts(self) -> bool:
        """Whether a parent's consent opens a post."""
        return Child.CONSENTED not in self.withhold

    @property
    def requires_detector(self) -> bool:
        """Whether a photo without the host's word is withheld until a detector or a reviewer has looked at it."""
        return Child.UNSEEN in self.withhold

    def narrowed(self) -> "Rule":
        """The rule for a question that may be about a child: nothing is shown but what is known to be clear."""
        return replace(self, withhold=frozenset(Child) - {Child.CLEAR})


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, one for each country, a hash that names this very policy, and the name of its file."""

    version: int
    sentence: str
    strictest: Rule
    groups: tuple[Rule, ...]
    hash: str
    file: str
    _by_code: Mapping[str, Rule] = field(repr=False, compare=False)
    path: Path | None = field(default=None, repr=False, compare=False)

    def rule_for(self, country: Country) -> Rule:
        """The rule of the country's group; the strictest one when the country is in none or not known."""
        rule = self.strictest if country.code is None else self._by_code.get(country.code, self.strictest)
        sentence = rule.sentences.get(country.language or "", rule.sentence)
        return replace(rule, code=country.code, sentence=sentence)


def load_policy(path: Path | None = None) -> Policy:
    """Reads and checks a rules file (the example that ships with it when none is given)."""
    file = path if path is not None else _RULES
    content = read_yaml(file)
    no_other_keys(file, "the top", content, _FILE_KEYS)
    version = content.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RulesError(
            file, "version", f"a whole number from 1 is expected, not {version!r}", "Count up at each change"
        )
    sentence = _text(file, "sentence", content.get("sentence", SENTENCE))
    translated = _sentences(file, "sentences", content.get("sentences"))
    groups = content.get("groups")
    if not isinstance(groups, dict) or STRICTEST not in groups:
        remedy = "Add it: it rules all countries that no group names"
        raise RulesError(file, "groups", f'the group "{STRICTEST}" is missing', remedy)
    for name in groups:
        if not isinstance(name, str):
            where = location(groups, "groups", str(name))
            raise RulesError(file, where, f"a group is named by a word, not {name!r}", "Put quotes around its name")
    rules = tuple(_rule(file, name, group, sentence, translated) for name, group in groups.items())
    strictest = next(rule for rule in rules if rule.group == STRICTEST)
    by_code = _by_code(file, rules)
    for rule in rules:
        _not_stricter(file, rule, strictest, location(groups[rule.group], f"groups.{rule.group}"))
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str).encode()
    digest = hashlib.sha256(canonical).hexdigest()[:16]
    return Policy(version, sentence, strictest, rules, digest, file.name, by_code, file)


def changed_rules(policy: Policy) -> str | None:
    """A sentence when the file that a policy was read from says something else by now."""
    if policy.path is None:
        return None
    try:
        there = load_policy(policy.path)
    except (RulesError, OSError) as error:
        return f"The rules file can no longer be followed: {error} The rules that were read at the start stay in force."
    if there.hash == policy.hash:
        return None
    return (
        f"{policy.path.name} has changed since the start (version {there.version}, hash {there.hash}): the rules of "
        f"version {policy.version} stay in force until photosense is started again."
    )


def _rule(file: Path, name: str, group: object, sentence: str, translated: Mapping[str, str]) -> Rule:
    where = f"groups.{name}"
    if not isinstance(group, dict):
        raise RulesError(file, where, f"a mapping is expected, not {group!r}", f"Give it {', '.join(_GROUP_KEYS)}")
    no_other_keys(file, where, group, _GROUP_KEYS)
    countries = strings(file, f"{where}.countries", group.get("countries"))
    if (name == STRICTEST) == bool(countries):
        problem = "it rules all other countries, so it lists none" if countries else "it lists no countries"
        raise RulesError(file, f"{where}.countries", problem, "Remove them" if countries else "Add some, like RU")
    for code in countries:
        if code not in country_codes():
            raise RulesError(file, f"{where}.countries", f"{code!r} is not an ISO 3166 code", "Write it like RU")
    if "withhold" not in group:
        raise RulesError(file, f"{where}.withhold", "it is missing", "Say what is withheld; [] withholds nothing")
    if group["withhold"] is None:
        blank = location(group, f"{where}.withhold", "withhold")
        raise RulesError(file, blank, "it is blank", "Say what is withheld; [] withholds nothing, on purpose")
    withhold = strings(file, f"{where}.withhold", group["withhold"])
    for word in withhold:
        if word not in _WITHHOLDABLE:
            expected = ", ".join(_WITHHOLDABLE)
            raise RulesError(file, f"{where}.withhold", f"{word!r} is none of {expected}", "Use those words")
    action = group.get("action")
    if action not in tuple(Treatment):
        raise RulesError(file, f"{where}.action", f"omit or disclaimer is expected, not {action!r}", "Choose one")
    refuse = _choice(file, f"{where}.refuse_queries", group.get("refuse_queries"))
    lifts = _choice(file, f"{where}.consent_lifts", group.get("consent_lifts", True))
    require = _choice(file, f"{where}.require_detector", group.get("require_detector", True))
    age = group.get("age", AGE)
    if isinstance(age, bool) or not isinstance(age, int) or not 1 <= age <= AGE:
        problem = f"a whole number from 1 to {AGE} is expected, not {age!r}"
        raise RulesError(file, f"{where}.age", problem, f"Children under {AGE} are looked for, no others")
    own = _text(file, f"{where}.sentence", group.get("sentence", sentence))
    # The translations of the file's sentence do not translate another one.
    translations = _sentences(file, f"{where}.sentences", group.get("sentences"))
    translations = translations if "sentence" in group else {**translated, **translations}
    law = _text(file, f"{where}.law", group.get("law", "not given"))
    kinds = frozenset(map(Child, withhold))
    if kinds:
        kinds |= {kind for kind, held in ((Child.CONSENTED, not lifts), (Child.UNSEEN, require)) if held}
    return Rule(name, frozenset(countries), kinds, Treatment(action), refuse, own, law, age, translations)


def _by_code(file: Path, rules: tuple[Rule, ...]) -> Mapping[str, Rule]:
    by_code: dict[str, Rule] = {}
    for rule in rules:
        for code in sorted(rule.countries):
            if code in by_code:
                both = f"{by_code[code].group} and {rule.group}"
                raise RulesError(file, "groups", f"{code} is in {both}", "Leave it in one of them")
            by_code[code] = rule
    return by_code


def _not_stricter(file: Path, rule: Rule, strictest: Rule, where: str) -> None:
    weaker = None
    if not rule.withhold <= strictest.withhold:
        weaker = "withholds " + ", ".join(sorted(rule.withhold - strictest.withhold))
    elif rule.refuse_queries and not strictest.refuse_queries:
        weaker = "refuses queries"
    elif rule.withhold and rule.treatment is Treatment.OMIT and strictest.treatment is Treatment.DISCLAIMER:
        weaker = "omits"
    elif rule.withhold and rule.age > strictest.age:
        weaker = f"protects children up to {rule.age}"
    if weaker:
        problem = f'it {weaker}, and "{STRICTEST}" does not, so an unknown country would see more than this one'
        raise RulesError(file, where, problem, f'Make "{STRICTEST}" as strict')


def _choice(file: Path, where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise RulesError(file, where, f"true or false is expected, not {value!r}", "Choose one")
    return value


def _sentences(file: Path, where: str, value: object) -> Mapping[str, str]:
    """Translations by the language's two letters."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RulesError(file, where, f"a mapping of languages is expected, not {value!r}", "Write it like ru: ...")
    for language in value:
        if not (isinstance(language, str) and len(language) == 2 and language.isascii() and language.islower()):
            problem = f"{language!r} is no language of two small letters"
            raise RulesError(file, where, problem, 'Write it like ru, and "no" in quotes')
    return {language: _text(file, f"{where}.{language}", text) for language, text in value.items()}


def _text(file: Path, where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RulesError(file, where, f"a sentence is expected, not {value!r}", "Write one, or remove the key")
    return value.strip()
