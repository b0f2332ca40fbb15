"""web/client: the TypeScript is sound, and web/static was made from it."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[2] / "web" / "client"
STATIC = CLIENT.parent / "static"

pytestmark = [
    # One worker installs into web/client/node_modules, never two side by side.
    pytest.mark.xdist_group("client"),
    pytest.mark.skipif(
        not shutil.which("npm") and not os.environ.get("CI"), reason="npm is not installed, so the pages' sources cannot be built here")]


def npm(*words: str) -> None:
    """Run npm or what it installed; AssertionError with the output if that fails."""
    done = subprocess.run(words, cwd=CLIENT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """What the build needs, as package-lock.json names it."""
    if not (CLIENT / "node_modules" / ".package-lock.json").exists():
        npm("npm", "ci", "--no-audit", "--no-fund")


def test_types_fit() -> None:
    """The pages use the server's functions as their types say."""
    npm("npx", "--no-install", "tsc", "--noEmit")


def test_the_committed_pages_are_fresh(tmp_path: Path) -> None:
    """Building again gives what is committed, octet for octet."""
    npm("node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert built == {path.name: path.read_bytes() for path in STATIC.iterdir()}, "run `npm run build` in web/client"


def test_the_pure_parts() -> None:
    """What needs no page is tested with node's own test runner."""
    npm("node", "test.mjs")
