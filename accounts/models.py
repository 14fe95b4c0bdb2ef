"""Who there is: Groups, their shops and web shops, the people in them, and the keys of web shops."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.account_mails import AccountMail as AccountMail
from accounts.sessions import LogIn as LogIn

SHOP_ID_RANGE = (MinValueValidator(1001), MaxValueValidator(999_999))


def is_a_time_zone(name: str) -> None:
    """ValidationError for one that there is not: every time on every screen would fail."""
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone; one is Europe/Copenhagen."))


class Group(models.Model):
    """A retail chain. Everything belongs to one Group, and no Group sees another."""

    name = models.CharField(_("name"), max_length=100)
    ddd_group_id = models.PositiveIntegerField(_("DdD group"), unique=True, validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3, default="DKK")
    language = models.CharField(_("language"), max_length=5, default="da")
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Europe/Copenhagen", validators=[is_a_time_zone]
    )
    needs_second_factor = models.BooleanField(_("head office needs a second factor"), default=False)
    promise_minutes = models.PositiveIntegerField(
        _("promised within (minutes)"), default=60, help_text=_("From order to ready for the customer.")
    )

    def __str__(self) -> str:
        return self.name


class Shop(models.Model):
    """A shop of a Group, by DdD's ShopId; the turnover shop is one that takes no web orders."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="shops")
    shop_id = models.PositiveIntegerField(_("ShopId"), validators=SHOP_ID_RANGE)
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=255, blank=True, help_text=_("# is a line break."))
    takes_orders = models.BooleanField(_("takes web orders"), default=True)
    asks_who = models.BooleanField(
        _("asks who it is"),
        default=False,
        help_text=_("A shared tablet: nothing is done before a person of the shop has given her PIN."),
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "shop_id"], name="shop_id_once_in_a_group"),
            models.CheckConstraint(
                condition=Q(shop_id__gte=1001, shop_id__lte=999_999), name="shop_id_as_ddd_takes_it"
            ),
        ]
        ordering: ClassVar = ["shop_id"]

    def __str__(self) -> str:
        return self.name


class WebShop(models.Model):
    """A web shop of a Group, by DdD's WebshopId, and where its turnover is booked."""

    class TransfersBy(models.TextChoices):
        PORTAL = "portal", _("the portal")
        DDD = "ddd", _("DdD")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="web_shops")
    webshop_id = models.PositiveIntegerField(_("WebshopId"))
    name = models.CharField(_("name"), max_length=100)
    shops: models.ManyToManyField[Shop, models.Model] = models.ManyToManyField(
        Shop, related_name="web_shops", blank=True
    )
    turnover_shop = models.ForeignKey(
        Shop,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("turnover shop"),
    )
    turnover_item_group = models.PositiveIntegerField(
        _("turnover item group"), null=True, blank=True, validators=[MaxValueValidator(9999)]
    )
    transaction_type = models.PositiveIntegerField(
        _("transaction type of its payments"),
        default=150,
        validators=[MinValueValidator(100), MaxValueValidator(999)],
    )
    transfers_by = models.CharField(
        _("item transfers are made by"), max_length=10, choices=TransfersBy, default=TransfersBy.PORTAL
    )
    ddd_token = models.CharField(
        _("DdD token"), max_length=200, blank=True, help_text=_("Bound to this web shop; else the Group's.")
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "webshop_id"], name="webshop_id_once_in_a_group"),
            models.CheckConstraint(
                condition=Q(turnover_shop=None) | Q(turnover_item_group__isnull=False),
                name="turnover_shop_needs_item_group",
                violation_error_message=_("A turnover shop needs its turnover item group."),
            ),
            models.CheckConstraint(
                condition=Q(transaction_type__gte=100, transaction_type__lte=999),
                name="transaction_type_as_ddd_takes_it",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: object) -> None:
        """Refuses (ValidationError) a turnover shop of another Group, which no database constraint can."""
        self.clean()
        super().save(**options)  # type: ignore[arg-type]

    def clean(self) -> None:
        """A turnover shop is one of the same Group."""
        if self.turnover_shop is not None and self.turnover_shop.group_id != self.group_id:
            raise ValidationError({"turnover_shop": _("The turnover shop must be a shop of this Group.")})


class UserManager(BaseUserManager["User"]):
    """Makes people who log in with their mail address."""

    def create_user(self, email: str, password: str | None = None, **facts: object) -> User:
        """A person with a usable password, or with none when `password` is None."""
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Mail addresses are told apart without regard to case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who logs in. Head office sees its whole Group; others what their memberships say."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="people")
    # Runs the portal. Her Group has nothing in it, and she passes none of a Group's doors.
    is_operator = models.BooleanField(_("operator"), default=False)
    is_head_office = models.BooleanField(_("head office"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    # A short number for changing who stands at a shared tablet; kept as a hash, like a password.
    pin = models.CharField(max_length=128, blank=True)
    pin_failures = models.PositiveSmallIntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True, blank=True)
    # Until she has chosen her password she is only invited, and may do nothing.
    invited_at = models.DateTimeField(null=True, blank=True)
    # Goes up when the links in her mails are to hold no more.
    links = models.PositiveIntegerField(default=0)
    shops: models.ManyToManyField[Shop, Membership] = models.ManyToManyField(
        Shop, through="Membership", related_name="people"
    )

    # Set while she works at the device of somebody else: she sees no more there than both of them may.
    stands_at: User | None = None

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_operator=False) | Q(is_head_office=False),
                name="an_operator_is_no_head_office",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's word for who may see its admin."""
        return self.is_operator and self.is_active

    def has_perm(self, permission: str, thing: object = None) -> bool:
        """Asked by Django's admin alone; what may be done there is said where it is set up."""
        return self.is_staff

    def has_module_perms(self, app: str) -> bool:
        """Asked by Django's admin alone."""
        return self.is_staff

    def speak(self, language: str) -> None:
        """The language in which the portal answers this person from now on."""
        self.language = language
        self.save(update_fields=["language"])


class Membership(models.Model):
    """A person's role in one shop."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("shop manager")
        STAFF = "staff", _("staff")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STAFF)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "shop"], name="one_role_in_a_shop"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.shop}"


class OpeningHours(models.Model):
    """When a shop is open on a weekday (0 is Monday), in the Group's time zone. No row: closed that day.

    A shop without any row has not said: it counts as always open.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MaxValueValidator(6)])
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering: ClassVar = ["weekday"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "weekday"], name="one_opening_a_day"),
            models.CheckConstraint(condition=Q(opens__lt=models.F("closes")), name="opens_before_it_closes"),
        ]

    def __str__(self) -> str:
        return f"{self.shop} {self.weekday}: {self.opens:%H:%M}-{self.closes:%H:%M}"


class ClosedDay(models.Model):
    """A holiday: of one shop, or of all shops of the Group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="closed_days")
    shop = models.ForeignKey(
        Shop, on_delete=models.CASCADE, null=True, blank=True, related_name="closed_days"
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Tablet(models.Model):
    """A screen that shows a shop's queue, and whether it would hear an alert."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="tablets")
    number = models.UUIDField(unique=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    sound_on = models.BooleanField(default=False)
    session_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["shop", "last_seen_at"], name="tablet_seen_in_shop")]

    def __str__(self) -> str:
        return f"{self.shop} {str(self.number)[:4]}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys are looked up on every request of a web shop."""

    def good_at(self, now: datetime) -> ApiKeyQuerySet:
        """Those that open the door at this moment."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """A web shop's key to the Public API. Only its hash is kept, so it can be shown once.

    `replaces` is the one in whose place it was made, which is good until its `expires_at`.
    """

    web_shop = models.ForeignKey(WebShop, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(_("name"), max_length=60, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(_("begins with"), max_length=8)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.hint}…"

    @staticmethod
    def digest_of(key: str) -> str:
        """A plain hash is enough: keys are 256 random bits, nobody can try them all."""
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, web_shop: WebShop, key: str | None = None) -> str:
        """Makes a key and returns its text, which is never to be had again."""
        text = key or secrets.token_urlsafe(32)
        cls.objects.get_or_create(
            digest=cls.digest_of(text), defaults={"web_shop": web_shop, "hint": text[:8]}
        )
        return text


class Counted(models.Model):
    """Tries of late, and codes that were used: the table of Django's cache."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_counted"

    def __str__(self) -> str:
        return self.cache_key


class SettingChange(models.Model):
    """Who changed which setting when. `about` names the screen, and with it what two people cannot change at
    once; `fields` are what stood there before and after, as `accounts/changes.py` keeps them."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+", db_index=False)
    about = models.CharField(max_length=40)
    subject = models.JSONField(default=str)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["group", "about", "-id"], name="setting_change_newest"),
            models.Index(fields=["group", "-at", "-id"], name="setting_change_of_group"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.at:%Y-%m-%d %H:%M}"
