"""The people who log in, and the shops in which they work."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.group import Group, Shop


class UserManager(BaseUserManager["User"]):
    """Makes people who log in with their mail address."""

    def create_user(self, email: str, password: str | None = None, **kwargs: object) -> User:
        """A person with a usable password, or with none when `password` is None."""
        user = self.model(email=email.strip().lower(), **kwargs)
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
    # Runs the portal. Their Group has nothing in it, and they see no page of a Group.
    is_operator = models.BooleanField(_("operator"), default=False)
    is_head_office = models.BooleanField(_("head office"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    # A short number for signing on at a shared tablet; stored as a hash, like a password.
    pin = models.CharField(max_length=128, blank=True)
    pin_failures = models.PositiveSmallIntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True, blank=True)
    # Set until they have chosen a password: an invited person may do nothing.
    invited_at = models.DateTimeField(null=True, blank=True)
    # Counted up to invalidate the links in earlier mails.
    links = models.PositiveIntegerField(default=0)
    shops: models.ManyToManyField[Shop, Membership] = models.ManyToManyField(
        Shop, through="Membership", related_name="people"
    )

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
        """Called by Django's admin alone; `config/operator_site.py` sets what may be done there."""
        return self.is_staff

    def has_module_perms(self, app: str) -> bool:
        """Called by Django's admin alone."""
        return self.is_staff

    def set_language(self, language: str) -> None:
        """Stores the language in which the portal answers this person."""
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
