"""Where the command line finds Syncledger, and how it keeps the token."""

import stat
from pathlib import Path

import pytest

from syncledger.configuration import Access, access, checked_url, config_path, keep
from syncledger.errors import Mistake


def _environment(path: Path, **more: str) -> dict[str, str]:
    return {"SYNCLEDGER_CONFIG": str(path), **more}


def test_what_is_kept_is_found_again_and_private(tmp_path: Path) -> None:
    path = tmp_path / "below" / "config.toml"
    for token in ('sl_"quoted"\\', "sl_2"):
        kept = Access("https://syncledger.example", token)
        keep(kept, path)
        assert access(_environment(path)) == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["config.toml"]


def test_the_environment_goes_first_value_by_value(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    keep(Access("https://one.example", "kept"), path)
    assert access(_environment(path, SYNCLEDGER_TOKEN="given")) == Access("https://one.example", "given")
    assert access(_environment(path, SYNCLEDGER_URL="http://localhost:8080/")).url == "http://localhost:8080"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    keep(Access("https://one.example", "kept"), path)
    path.chmod(0o640)
    with pytest.raises(Mistake, match="chmod 600"):
        access(_environment(path))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="SYNCLEDGER_TOKEN not set"):
        access(_environment(tmp_path / "none", SYNCLEDGER_URL="https://one.example"))


def test_a_file_that_is_no_toml_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("url =")
    path.chmod(0o600)
    with pytest.raises(Mistake, match="TOML"):
        access(_environment(path))


@pytest.mark.parametrize("text", ["syncledger.example", "ftp://one.example", "https://", "http://a/?b=c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="no address"):
        checked_url(text)


@pytest.mark.parametrize(
    ("url", "is_exposed"),
    [("https://a.example", False), ("http://127.0.0.1:8080", False), ("http://a.example", True)],
)
def test_a_token_that_travels_in_the_open_is_noticed(url: str, is_exposed: bool) -> None:
    assert Access(url, "t").is_exposed is is_exposed


def test_the_file_lies_where_the_desktop_keeps_such_things(tmp_path: Path) -> None:
    found = config_path({"XDG_CONFIG_HOME": str(tmp_path)})
    assert found == tmp_path / "syncledger" / "config.toml"
