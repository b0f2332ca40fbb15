"""Which addresses this machine has."""
import socket

from mta.base.names import IPAddress


def is_ours(ip: IPAddress) -> bool:
    """Whether an interface of this machine has the address: the kernel lets us have a socket there."""
    try:
        with socket.socket(socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.bind((str(ip), 0))
    except OSError:
        return False
    return True
