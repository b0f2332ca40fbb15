"""Only for what setup.cfg cannot say: schema.sql lies at the top of the source and ships inside the package."""
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithSchema(build_py):
    """Puts schema.sql where mta.store.migrate looks for it in an installed distribution."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            place = Path(self.build_lib, "mta", "store")
            self.mkpath(str(place))
            self.copy_file("schema.sql", str(place / "schema.sql"))


setup(cmdclass={"build_py": BuildWithSchema})
