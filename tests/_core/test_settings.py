"""Where providers are and with which key: the table, the constructor, the environment."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.endpoint import Secret
from llmring._core.settings import Settings
from llmring._gen.providers import NAMES, PROVIDERS, TEMPLATES
from llmring.exceptions import ConfigurationError, MissingAPIKeyError, UnknownProviderError

KEY = "sk-very-secret"
GEMINI = "https://generativelanguage.googleapis.com"
CORP: dict[str, dict[str, Any]] = {"corp": {"protocol": "openai_chat", "base_url": "https://llm.corp/v1/", "api_key_env": "CORP_KEY"}}

PLACES: dict[str, tuple[dict[str, str], str]] = {
    "azure": ({"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/"}, "https://r.openai.azure.com/openai/v1"),
    "bedrock": ({"AWS_REGION": "eu-west-1"}, "https://bedrock-mantle.eu-west-1.api.aws/v1"),
    "bedrock-anthropic": ({"AWS_REGION": "eu-west-1"}, "https://bedrock-mantle.eu-west-1.api.aws/anthropic"),
    "cloudflare": ({"CLOUDFLARE_ACCOUNT_ID": "a1"}, "https://api.cloudflare.com/client/v4/accounts/a1/ai/v1"),
    "databricks": ({"DATABRICKS_HOST": "https://adb-1.net"}, "https://adb-1.net/serving-endpoints"),
    "gpustack": ({"GPUSTACK_BASE_URL": "http://gpu/v1"}, "http://gpu/v1"),
    "openai-compatible": ({"OPENAI_COMPATIBLE_BASE_URL": "http://here:8000/v1"}, "http://here:8000/v1"),
    "snowflake": ({"SNOWFLAKE_ACCOUNT": "org-acc"}, "https://org-acc.snowflakecomputing.com/api/v2/cortex/v1"),
    "vertex": (
        {"GOOGLE_CLOUD_LOCATION": "us-east5", "GOOGLE_CLOUD_PROJECT": "p1"},
        "https://us-east5-aiplatform.googleapis.com/v1/projects/p1/locations/us-east5/endpoints/openapi",
    ),
}
"""Providers whose place only the user knows."""


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_can_be_reached_once_it_has_its_key(name: str) -> None:
    """The first variable of each is enough, beside its place where only the user knows it."""
    environment, place = PLACES.get(name) or ({}, PROVIDERS[name]["base_url"])
    variable = PROVIDERS[name]["auth"][0]["env"][0]
    endpoint = Settings().endpoint(name, environment | {variable: KEY})
    assert endpoint.base_url == place
    assert endpoint.protocol == PROVIDERS[name]["protocols"][0]
    assert endpoint.key_source == variable
    assert any(KEY in value for value in endpoint.headers().values())
    assert KEY not in repr(endpoint)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_missing_key_is_told_with_its_variables(name: str) -> None:
    """It is no error until a call needs it, and never one of a provider that takes calls without."""
    endpoint = Settings().endpoint(name, PLACES[name][0] if name in PLACES else {})
    missing = Settings().missing_key(name, {})
    if PROVIDERS[name]["key_optional"]:
        assert missing is None
        assert "authorization" not in endpoint.headers()
        return
    with pytest.raises(MissingAPIKeyError) as caught:
        endpoint.headers()
    assert str(caught.value) == str(missing)
    assert caught.value.provider == name
    assert caught.value.variables
    assert all(variable in str(caught.value) for variable in caught.value.variables)


@pytest.mark.parametrize("name", [name for name, (environment, _) in PLACES.items() if environment])
def test_a_missing_place_is_told_with_its_variables(name: str) -> None:
    """Everything that would help is named."""
    with pytest.raises(ConfigurationError, match=rf"^No base URL for {name}: set ") as caught:
        Settings().endpoint(name, {})
    assert all(variable in str(caught.value) for variable in PLACES[name][0])


@pytest.mark.parametrize(
    "name, environment, url, headers",
    [("openai", {"OPENAI_API_KEY": KEY}, "https://api.openai.com/v1", {"authorization": f"Bearer {KEY}"}),
     ("openai", {"OPENAI_API_KEY": f" {KEY}\n", "OPENAI_BASE_URL": "http://localhost:1/v1/"}, "http://localhost:1/v1",
      {"authorization": f"Bearer {KEY}"}),
     ("anthropic", {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": "t"}, "https://api.anthropic.com",
      {"anthropic-version": "2023-06-01", "x-api-key": KEY}),
     ("claude", {"ANTHROPIC_API_KEY": " ", "ANTHROPIC_AUTH_TOKEN": KEY}, "https://api.anthropic.com",
      {"anthropic-version": "2023-06-01", "authorization": f"Bearer {KEY}"}),
     ("gemini", {"GOOGLE_GEMINI_API_KEY": "c", "GOOGLE_API_KEY": KEY}, GEMINI, {"x-goog-api-key": KEY}),
     ("google", {"GOOGLE_API_KEY": "b", "GEMINI_API_KEY": KEY}, GEMINI, {"x-goog-api-key": KEY}),
     ("ollama", {}, "http://localhost:11434", {}),
     ("ollama", {"OLLAMA_API_KEY": KEY, "OLLAMA_BASE_URL": "https://o.com"}, "https://o.com", {"authorization": f"Bearer {KEY}"})],
)  # fmt: skip
def test_the_first_variable_that_is_set_wins(name: str, environment: dict[str, str], url: str, headers: dict[str, str]) -> None:
    """An empty one counts as unset."""
    endpoint = Settings().endpoint(name, environment)
    assert (endpoint.base_url, endpoint.headers()) == (url, headers)


@pytest.mark.parametrize(
    "host, url",
    [("box", "http://box:11434"), ("0.0.0.0:80", "http://0.0.0.0:80"), (":99", "http://localhost:99"), ("box/api/", "http://box:11434/api"),
     ("[::1]", "http://[::1]:11434"), ("[::1]:7", "http://[::1]:7"), ("HTTPS://box", "HTTPS://box")],
)  # fmt: skip
def test_ollama_takes_a_bare_host(host: str, url: str) -> None:
    """As its own client does; the constructor's is read alike."""
    assert Settings().endpoint("ollama", {"OLLAMA_HOST": host}).base_url == url
    assert Settings({"ollama": {"base_url": host}}).endpoint("ollama", {}).base_url == url


@pytest.mark.parametrize("url", ["host/v1", "ftp://host", "https://", "https://a b", "http://a\x00b", "://x"])
def test_what_is_no_url_is_told(url: str) -> None:
    """With the place that it came from."""
    with pytest.raises(ConfigurationError, match=r"^OPENAI_BASE_URL is no base URL: "):
        Settings().endpoint("openai", {"OPENAI_BASE_URL": url})
    with pytest.raises(ConfigurationError, match=r"^providers\['openai'\]\['base_url'\] is no base URL: "):
        Settings({"openai": {"base_url": url}})


def test_the_constructor_wins_over_the_environment() -> None:
    """Key, place, protocol and headers; under any name of the provider, and None counts as left out."""
    given = {
        "api_key": f"{KEY}\n",
        "base_url": "https://proxy/v1",
        "headers": {"X-Team": "a"},
        "protocol": "openai_responses",
        "api_key_env": None,
    }
    endpoint = Settings({"openai": given}).endpoint("openai", {"OPENAI_API_KEY": "other", "OPENAI_BASE_URL": "https://other"})
    assert (endpoint.base_url, endpoint.protocol, endpoint.key_source) == ("https://proxy/v1", "openai_responses", "api_key")
    assert endpoint.headers() == {"authorization": f"Bearer {KEY}", "x-team": "a"}
    assert Settings({"openai": given}).missing_key("openai", {}) is None
    twice = Settings({"gemini": {"api_key": KEY}, "google": {"headers": {"a": "b"}}})
    assert twice.endpoint("google", {}).headers() == {"x-goog-api-key": KEY, "a": "b"}
    assert KEY not in repr(twice)


def test_a_protocol_of_the_same_place_needs_no_other() -> None:
    """OpenAI speaks two."""
    endpoint = Settings({"openai": {"protocol": "openai_responses"}}).endpoint("openai", {"OPENAI_API_KEY": KEY})
    assert (endpoint.protocol, endpoint.base_url) == ("openai_responses", "https://api.openai.com/v1")


def test_another_variable_may_hold_the_key() -> None:
    """Then the usual ones do not count."""
    settings = Settings({"openai": {"api_key_env": ["MINE", "OURS"]}})
    assert settings.endpoint("openai", {"OURS": KEY, "OPENAI_API_KEY": "x"}).headers() == {"authorization": f"Bearer {KEY}"}
    assert settings.missing_key("openai", {"OURS": KEY}) is None
    assert str(settings.missing_key("openai", {"OPENAI_API_KEY": "x"})) == (
        "No key for openai: set MINE or OURS, or pass providers={'openai': {'api_key': …}}."
    )


@pytest.mark.parametrize("protocol", sorted(TEMPLATES))
def test_a_provider_is_made_of_configuration_alone(protocol: str) -> None:
    """It is taken to do what its protocol's template does, and never gets another vendor's key."""
    settings = Settings({"corp": {"protocol": protocol, "base_url": "https://llm.corp"}})
    everything = {variable: KEY for entry in PROVIDERS.values() for way in entry["auth"] for variable in way["env"]}
    endpoint = settings.endpoint("corp", everything)
    assert (endpoint.name, endpoint.protocol, endpoint.base_url, endpoint.key) == ("corp", protocol, "https://llm.corp", None)
    assert endpoint.capabilities == PROVIDERS[TEMPLATES[protocol]]["capabilities"]
    assert not any(KEY in value for value in endpoint.headers().values())
    assert settings.missing_key("corp", everything) is None
    assert settings.names["corp"] == "corp"


@pytest.mark.parametrize(
    "protocol, header", [("openai_chat", "authorization"), ("anthropic_messages", "x-api-key"), ("gemini_generate", "x-goog-api-key")]
)
def test_its_key_goes_where_the_protocol_wants_it(protocol: str, header: str) -> None:
    """A key variable that is named makes the key required."""
    settings = Settings({"corp": {**CORP["corp"], "protocol": protocol}})
    assert KEY in settings.endpoint("corp", {"CORP_KEY": KEY}).headers()[header]
    with pytest.raises(MissingAPIKeyError, match=r"^No key for corp: set CORP_KEY, or pass"):
        settings.endpoint("corp", {}).headers()


def test_a_vendor_may_speak_another_protocol_elsewhere() -> None:
    """Its own variables hold the key; the way to send it, and what to expect, are the protocol's."""
    settings = Settings({"deepseek": {"protocol": "anthropic_messages", "base_url": "https://api.deepseek.com/anthropic"}})
    endpoint = settings.endpoint("deepseek", {"DEEPSEEK_API_KEY": KEY})
    assert endpoint.headers() == {"anthropic-version": "2023-06-01", "x-api-key": KEY}
    assert endpoint.entry["finish_reasons"]["end_turn"] == "stop"
    assert endpoint.variables == ("DEEPSEEK_API_KEY",)


def test_a_key_without_any_variable_can_only_be_passed() -> None:
    """The text does not name what does not exist."""
    from llmring._core.endpoint import missing_key

    assert str(missing_key("x", ())) == "No key for x: pass providers={'x': {'api_key': …}}."


@pytest.mark.parametrize(
    "providers, told",
    [({"openai": {"api_kye": KEY}}, "providers['openai'] has the unknown option 'api_kye'; did you mean 'api_key'"),
     ({"openai": {1: KEY}}, "providers['openai'] has the unknown option 1. Known: protocol, base_url, api_key, api_key_env, headers."),
     ({"openai": KEY}, "providers['openai'] must be a mapping of options, not str"),
     ({"": {}}, "providers: '' cannot be a provider's name; leave out colons and spaces"),
     ({"a:b": {}}, "providers: 'a:b' cannot be a provider's name"),
     ({"openai": {"api_key": 3}}, "providers['openai']['api_key'] must be a string, not int"),
     ({"openai": {"api_key": " "}}, "providers['openai']['api_key'] is empty; leave it out instead"),
     ({"openai": {"api_key": f"{KEY}\u201d"}}, "providers['openai']['api_key'] holds a character that no header can carry"),
     ({"openai": {"api_key_env": ["A", 3]}}, "providers['openai']['api_key_env'] must be the name of a variable, or several"),
     ({"openai": {"api_key_env": []}}, "providers['openai']['api_key_env'] must be the name of a variable, or several"),
     ({"openai": {"headers": "x"}}, "providers['openai']['headers'] must be a mapping of names to values, not str"),
     ({"openai": {"headers": {"x": 1}}}, "providers['openai']['headers']: every header must have a string"),
     ({"openai": {"headers": {"x": "a\r\nb: c"}}}, "providers['openai']['headers']: the header 'x' holds a character"),
     ({"openai": {"headers": {"": "x"}}}, "providers['openai']['headers']: the header '' holds a character that no header can carry"),
     ({"openai": {"protocol": "openai"}}, "providers['openai']['protocol']: 'openai' is no protocol; did you mean 'openai_chat'"),
     ({"corp": {"protocol": "openai_chat"}}, "providers['corp'] needs a base_url, e.g. 'https://llm.corp/v1'"),
     ({"ollama": {"protocol": "openai_chat"}}, "providers['ollama']: ollama does not speak openai_chat at its usual place")],
)  # fmt: skip
def test_wrong_options_are_told(providers: dict[str, Any], told: str) -> None:
    """At once, and without showing a key."""
    with pytest.raises(ConfigurationError) as caught:
        Settings(providers)
    assert str(caught.value).startswith(told)
    assert KEY not in str(caught.value)


def test_unknown_providers_list_near_ones() -> None:
    """Asked for or configured."""
    with pytest.raises(UnknownProviderError, match=r"^Unknown provider 'opnai'; did you mean 'openai'") as caught:
        Settings().canonical("opnai")
    assert caught.value.near[0] == "openai"
    with pytest.raises(
        UnknownProviderError, match=r"^Unknown provider 'crop'; to add one of your own, give its protocol and its base_url; did"
    ):
        Settings({**CORP, "crop": {"base_url": "https://x"}})
    assert Settings(CORP).canonical("corp") == "corp"


def test_a_broken_key_of_the_environment_is_told_by_its_variable() -> None:
    """The key itself is not shown."""
    with pytest.raises(ConfigurationError, match=r"^OPENAI_API_KEY holds a character that no header can carry") as caught:
        Settings().endpoint("openai", {"OPENAI_API_KEY": f"{KEY}\x00"})
    assert KEY not in str(caught.value)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_a_secret_keeps_itself(value: str) -> None:
    """Neither text, nor format, nor pickle shows a key."""
    secret = Secret(value, "here")
    assert secret.reveal() == value
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(***)"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"^a Secret cannot be pickled$"):
            leak(secret)


def test_every_name_leads_to_a_provider() -> None:
    """Ids and aliases; and each protocol has its template."""
    assert all(Settings().canonical(name) == provider and provider in PROVIDERS for name, provider in NAMES.items())
    assert {protocol for entry in PROVIDERS.values() for protocol in entry["protocols"]} == set(TEMPLATES)
