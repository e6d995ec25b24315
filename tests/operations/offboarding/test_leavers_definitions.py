"""The definitions of a leaver who runs alone: sound by themselves, whoever leaves, and as somebody would write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from moothall import paths
from moothall.compilation import compile_all
from moothall.model.written import Folder
from moothall.operations.offboarding import standalone_definitions
from moothall.operations.offboarding.tenancy import tenancies
from moothall.validation.validate import ValidationResult, validate

DAY = date(2013, 6, 1)


@pytest.fixture(scope="module")
def loaded() -> ValidationResult:
    """Return the shipped partnerships."""
    return validate(paths.PROJECT, DAY)


def written(loaded: ValidationResult, folder: Folder, council: str, place: Path) -> bool:
    """Write the definitions of a council that runs alone; False if it has no tenancy to run."""
    [plan] = compile_all(loaded.definitions, DAY, folder.partnership.metadata.name)
    found = tenancies(folder, council, plan, plan, None)
    if found:
        standalone_definitions.write(place, loaded.definitions, folder, found)
    return bool(found)


def test_they_are_sound_whoever_leaves(loaded: ValidationResult, tmp_path: Path) -> None:
    """Nothing of them is an error or a warning, and they give every tenancy that the council had."""
    done = 0
    for folder in loaded.definitions.folders:
        for council in folder.councils:
            place = tmp_path / folder.partnership.metadata.name / council.metadata.name
            if not written(loaded, folder, council.metadata.name, place):
                continue
            its_own = validate(place / standalone_definitions.FOLDER, DAY)
            assert its_own.diagnostics == ()
            [plan] = compile_all(its_own.definitions, DAY)
            assert {tenant.council for tenant in plan.tenants} == {council.metadata.name}
            done += 1
    assert done > 10


def test_they_read_as_if_somebody_had_written_them(loaded: ValidationResult, tmp_path: Path) -> None:
    """Short lists and the site on a line, what was set for the tenant, and where the domain comes from."""
    [folder] = [each for each in loaded.definitions.folders if each.partnership.metadata.name == "lgss"]
    assert written(loaded, folder, "cambridgeshire", tmp_path)

    place = tmp_path / "definitions" / "partnerships" / "cambridgeshire-alone"
    partnership = (place / "partnership.yaml").read_text(encoding="utf-8")
    for line in (
        '  title: "Cambridgeshire County Council, alone"',
        "  domain: lgss.test # that of the partnership it was in",
        "  parties: [cambridgeshire]",
        "      offers: [finance, human-resources, internal-audit, it-support, legal-services]",
    ):
        assert f"{line}\n" in partnership
    assert "    home: {owner: cambridgeshire, network: 10.254.0.0/16, local: 10.254.0.0/24, " in partnership
    assert (place / "councils" / "cambridgeshire.yaml").read_text(encoding="utf-8") == (
        "apiVersion: moothall/v1\nkind: Council\nmetadata:\n  name: cambridgeshire\n"
        "  uid: 66080f17-4c96-48e2-9cbd-0ba3a1a6bcde\n  title: Cambridgeshire County Council\n"
        "spec:\n  joined: 2010-10-01\n  site: home\n  network: 10.254.8.0/24\n"
        "  uses:\n    back-office:\n      session: 15m\n      modules:\n        finance: {}\n"
        "        human-resources: {}\n        internal-audit: {}\n        it-support: {}\n        legal-services: {}\n"
    )
