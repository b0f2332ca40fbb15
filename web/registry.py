"""The typed registry: every function that pages and programs can call, one Api per application.

From it come the checks of what is sent (web.calls), the documentation (web.apidoc), the
TypeScript client (web.typescript) and the labels of the counters.
"""
from collections.abc import Mapping
from typing import Final

from web.account import ACCOUNT
from web.admin import ADMIN
from web.rpc import Api
from web.webmail import WEBMAIL

APIS: Final[Mapping[str, Api]] = {api.name: api for api in (WEBMAIL, ACCOUNT, ADMIN)}
