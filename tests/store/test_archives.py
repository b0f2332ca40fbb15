"""mta.store.archives: what is written is read by others and by ourselves."""
import io
import tarfile
import zipfile

import pytest

from mta.store.archives import TarWriter, Writer, ZipWriter
from mta.store.tarsource import Tar
from mta.store.zipsource import Zip

FILES = {"Maildir/cur/1.a:2,S": b"one\n", "Maildir/.Entwürfe/cur/" + "x" * 150: b"two" * 50_000, "empty": b""}


def written(writer: Writer) -> bytes:
    """An archive with the files and a folder."""
    out = b"".join(writer.folder("Maildir/new"))
    for name, content in FILES.items():
        out += b"".join(writer.file(name, len(content), [content[:7], content[7:]], 1_600_000_000.25))
    return out + b"".join(writer.file("noted", None, [b"a", b"b"])) + b"".join(writer.end())


def test_tar() -> None:
    """Names of any length, times with fractions."""
    octets = written(TarWriter(1_700_000_000.0))
    with tarfile.open(fileobj=io.BytesIO(octets)) as archive:
        for name, content in FILES.items():
            facts = archive.getmember(name)
            file = archive.extractfile(facts)
            assert file is not None
            assert (file.read(), facts.mtime, facts.mode) == (content, 1_600_000_000.25, 0o600)
        assert archive.getmember("Maildir/new").isdir()
    ours = {member.path: (open_it().read(), member.changed) for member, open_it in Tar(io.BytesIO(octets), packed=True).members()}
    assert ours == {name: (content, 1_600_000_000.25) for name, content in FILES.items()} | {"noted": (b"ab", 1_700_000_000.0)}


def test_zip() -> None:
    """Checked by its sums."""
    octets = written(ZipWriter(1_700_000_000.0))
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in FILES} == FILES
        assert archive.getinfo("empty").date_time == (2020, 9, 13, 12, 26, 40)
    ours = {member.path: open_it().read() for member, open_it in Zip(io.BytesIO(octets)).members()}
    assert ours == FILES | {"noted": b"ab"}


def test_a_wrong_size_is_noticed() -> None:
    """A tar says how long a member is before it comes: another length would spoil all after it."""
    with pytest.raises(ValueError, match="5 octets"):
        list(TarWriter(0.0).file("a", 5, [b"abc"]))
