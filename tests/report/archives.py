"""Archives to unpack, whole and broken."""
import gzip
import io
import zipfile


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with those files in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            # The time of making would make each a different one, and with it the ids of tests.
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def gzipped(octets: bytes) -> bytes:
    """octets, always compressed to the same ones."""
    return gzip.compress(octets, mtime=0)
