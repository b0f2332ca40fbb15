"""`pillarbox export`: an account's mail as an archive."""
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import BinaryIO

from mta.base.errors import SetupError, UserError
from mta.flow import exporting, people
from mta.flow.exporting import Wanted
from workers.commands.site import Site


def export(site: Site, arguments: Namespace) -> str | int:
    """Write the archive: whole, or not at all."""
    packing = "zip" if arguments.file.endswith(".zip") or (arguments.file == "-" and arguments.format == "mbox") else "tgz"
    if arguments.file != "-" and not arguments.file.endswith((".zip", ".tgz", ".tar.gz")):
        raise UserError("name a file that ends in .tgz or .zip: that says which of them it becomes")
    wanted = Wanted(arguments.format, packing, arguments.mailbox)    # type: ignore[arg-type]  # it is one of the two
    out, new = _out(arguments.file)     # before root becomes somebody who may not write there
    try:
        world = site.world
        account = people.get_account(world, arguments.account).id
        count = exporting.counted(world, account, wanted)
        for piece in exporting.pieces(world, account, wanted):
            out.write(piece)
        out.flush()
        if new is None:
            return 0
        os.fsync(out.fileno())
        return f"{count} messages were written to {arguments.file}"
    except BaseException:
        if new is not None:
            # Half an archive must not be taken for a whole one; root may have become somebody else meanwhile.
            out.truncate(0)
        raise
    finally:
        if new is not None:
            out.close()


def _out(name: str) -> tuple[BinaryIO, Path | None]:
    if name == "-":
        if sys.stdout.isatty():
            raise UserError("an archive is nothing for a terminal: send it to a file or a program")
        return sys.stdout.buffer, None
    path = Path(name).absolute()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise SetupError(f"{path}: {problem.strerror}") from None
    return os.fdopen(handle, "wb"), path
