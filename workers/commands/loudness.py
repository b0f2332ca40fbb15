"""`pillarbox log …` and `pillarbox config show`."""
from argparse import Namespace

from mta.config.effective import effective
from mta.flow import loudness
from workers.commands.paper import Row
from workers.commands.site import Site


def list_levels(site: Site, arguments: Namespace) -> list[Row]:
    """Each part of the program."""
    return _rows(loudness.levels(site.world))


def set_level(site: Site, arguments: Namespace) -> list[Row]:
    """Another level for a while; what holds then."""
    level = "" if arguments.level == "usual" else arguments.level
    found = loudness.set_level(site.world, arguments.module, level, arguments.minutes * 60.0, by=site.by)
    return _rows([one for one in found if one.module == arguments.module])


def show_config(site: Site, arguments: Namespace) -> list[Row]:
    """Every setting, where it comes from and what it means."""
    local = site.config.local
    return [{"name": one.name, "value": one.value, "line": one.line or None, "changed": one.changed, "help": one.help,
             "source": "file" if one.line else "localserve" if one.changed and local else "default"}
            for one in effective(site.config) if one.changed or not arguments.changed]


def _rows(found: list[loudness.ModuleLevel]) -> list[Row]:
    return [{"module": one.module, "level": one.level, "until": one.until} for one in found]
