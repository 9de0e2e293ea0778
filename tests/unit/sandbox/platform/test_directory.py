"""Partners have the names of the directory, which may change while the platform runs."""

import os
from pathlib import Path

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox.platform.directory import Partner, PartnerDirectory, parse_directory
from tests.unit.sandbox.platform.builders import PARTNER


def an_entry(name: str, country: str = "DE") -> str:
    return f'{{"{PARTNER}": {{"name": "{name}", "country": "{country}"}}}}'


def test_a_changed_directory_takes_effect_at_once(tmp_path: Path) -> None:
    file = tmp_path / "partners.json"
    file.write_text(an_entry("Autohaus Nord"), encoding="utf-8")
    directory = PartnerDirectory(file)
    assert directory.find(PARTNER) == Partner(name="Autohaus Nord", country="DE")

    file.write_text(an_entry("Autohaus Süd", "AT"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert directory.find(PARTNER) == Partner(name="Autohaus Süd", country="AT")


def test_a_partner_that_nobody_named_has_a_name_made_of_its_uuid(tmp_path: Path) -> None:
    directory = PartnerDirectory(tmp_path / "missing.json")

    assert directory.find(PARTNER) == Partner(name="Trade Partner 3b0d12ab", country="DE")


def test_a_partner_that_is_null_is_none(tmp_path: Path) -> None:
    file = tmp_path / "partners.json"
    file.write_text(f'{{"{PARTNER}": null}}', encoding="utf-8")
    assert PartnerDirectory(file).find(PARTNER) is None


def test_a_directory_that_breaks_while_the_platform_runs_stays_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "partners.json"
    file.write_text(an_entry("Autohaus Nord"), encoding="utf-8")
    directory = PartnerDirectory(file)
    directory.find(PARTNER)

    file.write_text("{", encoding="utf-8")
    assert directory.find(PARTNER) == Partner(name="Autohaus Nord", country="DE")
    assert "stays as it was" in caplog.text


@pytest.mark.parametrize(
    ("text", "place"),
    [("[]", "partners.json is not"), (an_entry("A", "Germany"), f"{PARTNER}.country"), ('{"nord": {}}', "nord")],
)
def test_a_directory_that_is_none_is_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(ReconcilerError, match=place):
        parse_directory(text, "partners.json")
