"""workers.privileges: what is lost is lost; see also tests of the supervisor."""
import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mta.base.errors import SetupError
from workers.privileges import service_user, whoever

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def run(code: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30,
                          cwd=Path(__file__).resolve().parents[2])


def test_without_a_name_we_stay_who_we_are() -> None:
    """localserve needs nobody else."""
    assert service_user("") == whoever()
    assert whoever().uid == os.geteuid()


def test_a_user_that_does_not_exist_is_told_with_the_remedy() -> None:
    """A fresh machine lacks the user."""
    with pytest.raises(SetupError, match=r"there is no user 'nosuchuser'.*adduser --system"):
        service_user("nosuchuser")


@AS_ROOT
def test_nobody_can_become_root_again() -> None:
    """After become and confine there is no way back, and no core file."""
    done = run("""
import os, resource
from workers.privileges import *
parent = os.getppid()
become(service_user("nobody")); confine(parent)
for back in (os.setuid, os.seteuid, os.setgid):
    try: back(0); print("got back")
    except PermissionError: pass
print(os.getresuid(), os.getgroups(), resource.getrlimit(resource.RLIMIT_CORE), os.umask(0))
""")

    nobody = pwd.getpwnam("nobody")
    assert done.stderr == ""
    assert done.stdout == f"{(nobody.pw_uid,) * 3} {[nobody.pw_gid]} (0, 0) {0o077}\n"


@AS_ROOT
def test_who_is_not_root_must_be_the_service_user() -> None:
    """The line says as whom to start."""
    done = run("""
from workers.privileges import *
become(service_user("nobody"))
try: service_user("daemon")
except Exception as problem: print(problem)
""")

    assert done.stdout == "the server runs as user daemon (setting user): do this as root or as daemon, not as nobody\n"


@AS_ROOT
def test_commands_of_root_become_the_owner() -> None:
    """No root-owned file is left in the data directory."""
    with tempfile.TemporaryDirectory() as text:
        nobody = pwd.getpwnam("nobody")
        os.chown(text, nobody.pw_uid, nobody.pw_gid)

        done = run(f"import os; from pathlib import Path; from workers.privileges import become_owner\n"
                   f"become_owner(Path({text!r})); open({text!r} + '/file', 'w'); print(os.geteuid())")

        assert done.stdout == f"{nobody.pw_uid}\n"
        assert Path(text, "file").stat().st_uid == nobody.pw_uid


def test_commands_leave_nothing_that_others_may_read(tmp_path: Path) -> None:
    """Whatever the umask of the shell is: SQLite, for one, makes its files with it."""
    run(f"import os; os.umask(0o022); from pathlib import Path; from workers.privileges import become_owner\n"
        f"become_owner(Path({str(tmp_path)!r})); open({str(tmp_path / 'file')!r}, 'w')")

    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
