"""IP addresses: those of a host, and which of them are public."""

import ipaddress
import socket

# Reserved addresses that older Pythons call public.
RESERVED = [
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's service for its own machines
    ipaddress.ip_network("192.0.0.0/24"),  # RFC 6890; Oracle's metadata
    ipaddress.ip_network("3fff::/20"),  # RFC 9637: documentation
]
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public_address(address: str) -> bool:
    """Whether an IP address is public; an IPv4 address inside an IPv6 address decides."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public_address(str(inner))
        if ip not in GLOBAL_IPV6:
            return False
    is_reserved = any(ip in network for network in RESERVED)
    return ip.is_global and not ip.is_multicast and not is_reserved


def ip_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))
