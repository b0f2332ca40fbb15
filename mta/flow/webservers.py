"""What a web server that has ports 80 and 443 already needs to pass on to us: texts for its configuration.

The names are the host's, and for each domain `mta-sts.` and `autoconfig.`.  Of the host
only what is for everybody is passed on, so that its own pages stay; proofs for a
certificate authority (RFC 8555 §8.3) come by the same way.
"""
from collections.abc import Callable, Mapping
from typing import Final

from mta.base.names import Domain
from mta.secure.mtasts import HOST_LABEL

#: What of the host is ours.
PATHS: Final = ("/.well-known/", "/mail/", "/autodiscover/", "/profile.mobileconfig")


def names(domain: Domain) -> tuple[Domain, ...]:
    """The names that are ours as a whole."""
    return domain.below(HOST_LABEL), domain.below("autoconfig")


def nginx(hostname: Domain, domain: Domain, port: int) -> str:
    """For /etc/nginx/conf.d; certbot adds TLS to it."""
    passed = "\n".join(f"    location {path} {{\n        proxy_pass http://127.0.0.1:{port};\n        proxy_set_header Host $host;\n    }}"
                       for path in PATHS)
    return f"""\
# /etc/nginx/conf.d/pillarbox.conf; if you have a server with server_name {hostname} already, put the four locations into it.
server {{
    listen 80;
    listen [::]:80;
    server_name {hostname.ascii};
{passed}
}}
server {{
    listen 80;
    listen [::]:80;
    server_name {_words(domain)};
    location / {{
        proxy_pass http://127.0.0.1:{port};
        proxy_set_header Host $host;
    }}
}}
# Then: nginx -t && systemctl reload nginx, and for TLS:
# certbot --nginx {_certbot(hostname, domain)}
"""


def apache(hostname: Domain, domain: Domain, port: int) -> str:
    """For /etc/apache2/sites-available; certbot adds TLS to it."""
    passed = "\n".join(f'    ProxyPass "{path}" "http://127.0.0.1:{port}{path}"' for path in PATHS)
    first, *others = (name.ascii for name in names(domain))
    return f"""\
# /etc/apache2/sites-available/pillarbox.conf; if you have a site with ServerName {hostname} already, put the Proxy lines into it.
<VirtualHost *:80>
    ServerName {hostname.ascii}
    ProxyPreserveHost On
{passed}
</VirtualHost>
<VirtualHost *:80>
    ServerName {first}
    ServerAlias {' '.join(others)}
    ProxyPreserveHost On
    ProxyPass "/" "http://127.0.0.1:{port}/"
</VirtualHost>
# Then: a2enmod proxy proxy_http && a2ensite pillarbox && systemctl reload apache2, and for TLS:
# certbot --apache {_certbot(hostname, domain)}
"""


def caddy(hostname: Domain, domain: Domain, port: int) -> str:
    """For /etc/caddy/Caddyfile, which gets certificates by itself."""
    return f"""\
# For /etc/caddy/Caddyfile; if it has {hostname} already, put the three lines into that block.
{hostname.ascii} {{
    @pillarbox path {' '.join(f'{path}*' if path.endswith('/') else path for path in PATHS)}
    handle @pillarbox {{
        reverse_proxy 127.0.0.1:{port}
    }}
}}
{', '.join(name.ascii for name in names(domain))} {{
    reverse_proxy 127.0.0.1:{port}
}}
# Then: systemctl reload caddy
"""


def _words(domain: Domain) -> str:
    return " ".join(name.ascii for name in names(domain))


def _certbot(hostname: Domain, domain: Domain) -> str:
    return " ".join(f"-d {name.ascii}" for name in (hostname, *names(domain)))


#: How to write it for each web server.
SNIPPETS: Final[Mapping[str, Callable[[Domain, Domain, int], str]]] = {"nginx": nginx, "Caddy": caddy, "Apache": apache}
