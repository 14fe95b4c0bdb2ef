"""The portal calls DdD on the internet by TLS, and nothing in its operator's own network."""

import ipaddress

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import SettingChange, WebShop
from ddd.api.addresses import NotCalled, allowed, check_address, is_of_the_internet
from ddd.api.http import Unavailable, wire_to
from ddd.lookup.trying import try_address
from ddd.models import Connection
from ddd.words import causes
from tests.core.pages import Page, browser
from tests.ddd.other_servers import answering
from tests.factories import Cast
from tests.sandbox_process import RunningSandbox

NO_ADDRESS = causes.ADDRESS_UNREADABLE.code
NO_TLS = causes.ADDRESS_WITHOUT_TLS.code
MORE = causes.ADDRESS_WITH_MORE.code
PRIVATE = causes.ADDRESS_PRIVATE.code


@pytest.fixture(autouse=True)
def none_is_allowed(settings: Settings) -> None:
    settings.DDD_PRIVATE_HOSTS = []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://ddd.example", NO_TLS),
        ("http://127.0.0.1:8122", NO_TLS),
        ("ftp://ddd.example", NO_TLS),
        ("https:///x", NO_ADDRESS),
        ("https://ddd.example:x", NO_ADDRESS),
        ("https://[ddd.example", NO_ADDRESS),
        ("https://user:pw@ddd.example", MORE),
        ("https://user@ddd.example", MORE),
        ("https://@ddd.example", MORE),
        ("https://ddd.example/?x=", MORE),
        ("https://ddd.example/?", MORE),
        ("https://ddd.example/#", MORE),
        ("https://127.0.0.1", PRIVATE),
        ("https://[::1]:22", PRIVATE),
        ("https://10.0.0.5", PRIVATE),
        ("https://169.254.169.254/latest", PRIVATE),
        ("https://[::ffff:10.0.0.5]", PRIVATE),
        ("https://0.0.0.0", PRIVATE),
    ],
)
def test_what_no_ddd_is_reached_at_is_refused_when_it_is_typed(address: str, code: str) -> None:
    with pytest.raises(NotCalled) as refused:
        check_address(address)
    assert refused.value.cause["code"] == code
    # What was stored before is not called either.
    with pytest.raises(Unavailable) as trouble, wire_to(Connection(base_url=address, token="t")):
        pass
    assert trouble.value.cause["code"] == code


@pytest.mark.parametrize(
    "number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_numbers_of_the_internet_are_called(number: str) -> None:
    assert is_of_the_internet(ipaddress.ip_address(number))
    check_address(f"https://[{number}]/retail" if ":" in number else f"https://{number}")


@pytest.mark.parametrize(
    "number",
    [
        *(
            "127.0.0.1",
            "127.8.9.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104
        ),
        *(
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fec0::1",
            "ff02::1",
        ),
        *(
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001:db8::1",
        ),
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_numbers_of_the_operators_network_are_not(number: str) -> None:
    assert not is_of_the_internet(ipaddress.ip_address(number))


def test_a_name_that_stands_for_this_host_is_not_called(settings: Settings) -> None:
    with answering(200, b"[]") as url:
        port = url.rpartition(":")[2]
        address = f"https://localhost:{port}"
        check_address(address)  # nobody can say what a name stands for before it is called
        with pytest.raises(Unavailable) as trouble, wire_to(Connection(base_url=address, token="t")) as wire:
            wire.get("api/weborder")
        assert trouble.value.cause == causes.ADDRESS_PRIVATE(host="localhost")
        # Whoever tries it while saving reads the same, and not that nothing answers.
        assert try_address(address, "t").trouble == causes.ADDRESS_PRIVATE(host="localhost")
        assert try_address("http://ddd.example", "t").trouble == causes.ADDRESS_WITHOUT_TLS()
        settings.DDD_PRIVATE_HOSTS = ["localhost"]
        with wire_to(Connection(base_url=f"http://localhost:{port}", token="t")) as wire:
            assert wire.get("api/weborder") == []


def test_of_a_name_with_a_public_and_a_private_number_the_public_one_is_called(settings: Settings) -> None:
    assert list(allowed("ddd.example", ["10.0.0.5", "93.184.215.14", "::1"])) == ["93.184.215.14"]


def test_head_office_and_the_operator_read_why_and_nothing_is_kept(cast: Cast) -> None:
    before = Connection.objects.get(group=cast.nordlys).base_url
    page = browser(cast, "office").post(
        "/orders/policies/ddd/setup/", {"base_url": "https://10.0.0.5/api/", "token": "secret"}
    )
    assert "10.0.0.5 is in a private network" in Page(page).text
    assert Connection.objects.get(group=cast.nordlys).base_url == before
    Connection.objects.filter(group=cast.fjord).delete()
    operator = Client(headers={"accept-language": "en"})
    operator.force_login(cast.person("operator"))
    form = {"group": cast.fjord.pk, "base_url": "http://ddd.example/"}
    assert (
        "An address begins with https://" in Page(operator.post("/operator/ddd/connection/add/", form)).text
    )
    assert not Connection.objects.filter(group=cast.fjord).exists()


def test_with_another_address_the_web_shops_tokens_are_forgotten(
    booked_cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    settings.DDD_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]
    web_shop, token = booked_cast.web_shop("nordlys"), booked_cast.connection.token
    WebShop.objects.filter(pk=web_shop.pk).update(ddd_token="their-own")
    office = browser(booked_cast, "office")
    form = {"base_url": sandbox.url.replace("127.0.0.1", "localhost"), "token": token, "seen": 0}
    assert office.post("/orders/policies/ddd/setup/", form | {"base_url": sandbox.url}).status_code == 302
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == "their-own"
    seen = SettingChange.objects.filter(about="ddd").order_by("pk").values_list("pk", flat=True).last() or 0
    assert office.post("/orders/policies/ddd/setup/", form | {"seen": seen}).status_code == 302
    assert WebShop.objects.get(pk=web_shop.pk).ddd_token == ""
    change = SettingChange.objects.filter(subject=web_shop.name).latest("pk")
    assert "their-own" not in str(change.fields)
