"""Authentication of web shops for the Public API: `Authorization: ddd_token <key>` or `Bearer <key>`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.keyring import note_use
from accounts.models import ApiKey
from core import logs

if TYPE_CHECKING:  # the views import these classes, by their names in the settings
    from rest_framework.views import APIView

log = logging.getLogger(__name__)
SCHEMES = ("ddd_token", "bearer")


class KeyAuthentication(BaseAuthentication):
    """`request.auth` is the ApiKey with its web shop; `request.user` stays None: a web shop is no person."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """None without the header; AuthenticationFailed (401) when the key is not good."""
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in SCHEMES or not text.strip():
            return None
        now = timezone.now()
        good = ApiKey.objects.good_at(now).select_related("web_shop__group", "web_shop__turnover_shop")
        key = good.filter(digest=ApiKey.digest_of(text.strip())).first()
        if key is None:
            log.warning("refused an API key that is not known or was revoked")
            raise AuthenticationFailed(_("This key is not known or was revoked."))
        logs.bind(group=key.web_shop.group_id, web_shop=key.web_shop_id)
        note_use(key, now)
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Named in the 401's WWW-Authenticate."""
        return "ddd_token"


class HasKey(BasePermission):
    """Every route of the Public API needs a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request came with a good key."""
        return isinstance(request.auth, ApiKey)
