"""Who the client is behind proxies, and whether they came by TLS: nobody else's word is taken for it."""

import http.client
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest

from config.proxies import client_behind
from tests.demo.processes import happens
from tests.pos.tablets import HOST, ServedApart

BALANCER, NGINX = "10.0.0.5", "10.0.1.7"
TRUSTED = [ip_network(BALANCER), ip_network("10.0.1.0/28"), ip_network("2001:db8::1")]
CUSTOMER, SOMEBODY = "203.0.113.9", "198.51.100.4"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        (NGINX, [CUSTOMER], CUSTOMER),
        (NGINX, [], NGINX),
        (NGINX, [f"{CUSTOMER}, {BALANCER}"], CUSTOMER),
        (NGINX, [CUSTOMER, BALANCER], CUSTOMER),
        (NGINX, [f"{CUSTOMER}:51312, [2001:db8::1]:443"], CUSTOMER),
        (NGINX, [f"::ffff:{CUSTOMER}"], CUSTOMER),
        # What a client itself sends stands to the left of what proxies add.
        (NGINX, [f"{SOMEBODY}, {CUSTOMER}"], CUSTOMER),
        (NGINX, [f"{BALANCER}, {CUSTOMER}, {BALANCER}"], CUSTOMER),
        (NGINX, [SOMEBODY, f"{CUSTOMER}, {BALANCER}"], CUSTOMER),
        (NGINX, [f"{SOMEBODY}, nonsense, {BALANCER}"], BALANCER),
        (NGINX, ["", "unknown"], NGINX),
    ],
)
def test_the_client_is_the_last_one_that_is_no_proxy(
    peer: str, forwarded_for: list[str], client: str
) -> None:
    assert str(client_behind(ip_address(peer), forwarded_for, TRUSTED)) == client


@pytest.fixture(scope="module")
def portal() -> Iterator[ServedApart]:
    """Its proxy is at 127.0.0.2, and it wants TLS."""
    settings = {
        "TRUSTED_PROXIES": "127.0.0.2",
        "TLS_REDIRECT": "1",
        "HSTS_SECONDS": "60",
        "ALLOWED_HOSTS": "*",
    }
    with ServedApart(settings) as served:
        assert happens(served.listens)
        yield served


def answer(
    portal: ServedApart, path: str, source: str, host: str = "collect.example", **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, portal.port, timeout=20, source_address=(source, 0))
    sent = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request("GET", path, headers=sent)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_only_a_trusted_proxy_is_believed(portal: ServedApart) -> None:
    by_tls = {"X_Forwarded_For": f"{SOMEBODY}, {CUSTOMER}", "X_Forwarded_Proto": "https"}
    good = answer(portal, "/problems/?q=hanne", "127.0.0.2", **by_tls)
    assert (good.status, good.headers["Strict-Transport-Security"]) == (200, "max-age=60")
    assert good.headers["X-Forwarded-Ignored"] is None
    plain = answer(portal, "/problems/", "127.0.0.2", X_Forwarded_Proto="http")
    assert (plain.status, plain.headers["Location"]) == (301, "https://collect.example/problems/")
    for _each in range(2):
        forged = answer(portal, "/problems/", "127.0.0.3", **by_tls)
        assert (forged.status, forged.headers["Strict-Transport-Security"]) == (301, None)
        assert "TRUSTED_PROXIES" in forged.headers["X-Forwarded-Ignored"]
    # A load balancer asks by plain HTTP.
    assert answer(portal, "/healthz", "127.0.0.3", host=f"{HOST}:{portal.port}").status == 200
    portal.terminate()
    _code, said = portal.ended(20)
    assert f"{CUSTOMER}:0" in said
    assert SOMEBODY not in said
    assert "hanne" not in said
    assert said.count("X-Forwarded-For came from 127.0.0.3, which is not in TRUSTED_PROXIES") == 1
