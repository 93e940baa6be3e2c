"""`check` as a person runs it: warnings are told and counted, and stop nothing."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAYBOOK = """\
version: 1
name: Small
taxonomy:
  - {id: late, label: {en: Late, de: Spät}, keywords: {en: [late]}}
  - {id: rude, label: {en: Rude}, keywords: {en: [rude]}}
teams: [{id: care, name: Care}]
routes: {team: care, arbitration: care}
"""


def test_warnings_are_told_with_their_place_and_the_playbook_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(PLAYBOOK)
    command = (sys.executable, "-m", "service", "check", str(file))
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["tests"], told["failed"], told["warnings"]) == (0, 0, 0, 1)
    warned = [line for line in done.stderr.splitlines() if "warning" in line]
    assert warned[0] == f"warning: {file}:4:3: taxonomy: 1 of 2 categories have no label in de: rude"
    assert warned[1] == f"{file}: no faults, 1 warning; 0 of 0 tests passed."
