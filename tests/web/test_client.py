"""web/client: the TypeScript is sound, web/static was made from it, and what the pages say stands in words/."""
import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clientpackages import CLIENT, install, run

STATIC = CLIENT.parent / "static"

pytestmark = [
    pytest.mark.xdist_group("client"),
    pytest.mark.skipif(
        not shutil.which("npm") and not os.environ.get("CI"), reason="npm is not installed, so the pages' sources cannot be built here")]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """What the build needs, as package-lock.json names it."""
    install()


def test_types_fit() -> None:
    """The pages use the server's functions as their types say."""
    run("npx", "--no-install", "tsc", "--noEmit")


def test_the_committed_pages_are_fresh(tmp_path: Path) -> None:
    """Building again gives what is committed, octet for octet."""
    run("node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert built == {path.name: path.read_bytes() for path in STATIC.iterdir()}, "run `npm run build` in web/client"


def test_the_pure_parts() -> None:
    """What needs no page is tested with node's own test runner."""
    run("node", "test.mjs")


def test_the_webmail_is_small() -> None:
    """All that a browser loads of it is under 90 kB compressed."""
    names = ("webmail.html", "webmail.js", "style.css", "reading.css", "worker.js", "icon.svg", "icon.png", "webmail.webmanifest")
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) < 90_000


def test_all_texts_are_in_one_place() -> None:
    """Who translates the pages finds everything that they say under words/."""
    run("node", "texts.mjs")


def test_no_page_is_left_out() -> None:
    """Where the build begins, the search for texts does."""
    built = re.search(r"entryPoints: \[(.*?)\]", (CLIENT / "build.mjs").read_text())
    searched = re.search(r"for \(const file of \[(.*?)\]\)", (CLIENT / "texts.mjs").read_text())
    assert built
    assert searched
    assert set(searched[1].split(", ")) == {name for name in built[1].split(", ") if name.endswith('.ts"')}


@pytest.mark.parametrize(("line", "said"), [
    ('h("p", null, "unread");', '"unread"'),
    ('h("p", { title: `read by ${1 + 1}` });', '"read by "'),
    ('button("menu", "more", () => undefined);', '"more"'),
    ('const later = ["Some other time"]; h("p", null, ...later);', '"Some other time"'),
    ('notice(1 > 0 ? "gone" : "", "error");', '"gone"'),
    ('document.title = "new";', '"new"'),
    ('void dialog<void>("help", () => [], "wide");', '"help"'),
    ('const table = (...all: unknown[]) => all; table(["-"], [1].map(() => ["never"]), "");', '"never"'),
    ('h("pre", null, "pillarbox check");', ""),
    ('h("td", null, "MTA-STS");', ""),
    ('document.body.className = "two classes";', ""),
    ('h("p", { class: "no text" });', ""),
    ('document.querySelector("main p");', ""),
    ('if (location.hash === "Some name") h("p", null);', "")])
def test_a_text_elsewhere_is_found(tmp_path: Path, line: str, said: str) -> None:
    """Whatever way it takes into the page; and names for the program are none."""
    (tmp_path / "webmail").mkdir()
    (tmp_path / "dom.ts").write_text((CLIENT / "dom.ts").read_text().replace("./words/", f"{CLIENT}/words/"))
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {"strict": true}, "include": ["*.ts", "webmail/*.ts"]}')
    (tmp_path / "webmail" / "webmail.ts").write_text(f'import {{ button, dialog, h, notice }} from "../dom";\n{line}\n')
    done = subprocess.run(["node", "texts.mjs", str(tmp_path)], cwd=CLIENT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == (1 if said else 0), done.stderr
    assert done.stdout == (f"webmail/webmail.ts:2: {said} belongs into words/\n" if said else "")
