import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from accounts.demo_keys import refuse_demo_keys
from accounts.demo_secrets import DEMO_PASSWORD, OUTLET_KEY
from accounts.models import ApiKey, Group, User, WebShop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real_installation(settings: Settings) -> None:
    settings.DEMO = False


@pytest.fixture
def group() -> Group:
    return Group.objects.create(name="Nordlys", ddd_group_id=996)


@pytest.fixture
def web_shop(group: Group) -> WebShop:
    return WebShop.objects.create(group=group, webshop_id=1, name="outlet")


def test_a_real_installation_with_its_own_secrets_starts(group: Group, web_shop: WebShop) -> None:
    ApiKey.issue(web_shop)
    User.objects.create_user("karen@chain.example", DEMO_PASSWORD, name="Karen", group=group)
    refuse_demo_keys()


def test_a_demo_key_is_refused_by_name(web_shop: WebShop) -> None:
    ApiKey.issue(web_shop, OUTLET_KEY)
    with pytest.raises(ImproperlyConfigured, match="the key demo-outlet-key"):
        refuse_demo_keys()


def test_a_revoked_demo_key_opens_nothing(web_shop: WebShop) -> None:
    ApiKey.issue(web_shop, OUTLET_KEY)
    ApiKey.objects.update(revoked_at=timezone.now())
    refuse_demo_keys()


def test_a_demo_account_with_the_demo_password_is_refused_by_name(group: Group) -> None:
    User.objects.create_user("office@nordlys.example", DEMO_PASSWORD, name="Karen", group=group)
    with pytest.raises(ImproperlyConfigured, match=r"the password of office@nordlys\.example"):
        refuse_demo_keys()


def test_a_demo_account_with_a_password_of_its_own_is_fine(group: Group) -> None:
    User.objects.create_user("office@nordlys.example", "a-password-of-their-own", name="Karen", group=group)
    refuse_demo_keys()


def test_a_demo_account_that_was_closed_is_fine(group: Group) -> None:
    User.objects.create_user(
        "office@nordlys.example", DEMO_PASSWORD, name="Karen", group=group, is_active=False
    )
    refuse_demo_keys()


def test_the_demo_itself_takes_its_own_secrets(web_shop: WebShop, settings: Settings) -> None:
    settings.DEMO = True
    ApiKey.issue(web_shop, OUTLET_KEY)
    refuse_demo_keys()
