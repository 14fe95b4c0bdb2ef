"""The person who looks at something, and the user of the device: both decide what may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Group, User


@dataclass(frozen=True)
class Viewer:
    """A person at a device. At the device of somebody else they see no more than both of them may."""

    user: User
    device_user: User

    @classmethod
    def of(cls, user: User) -> Viewer:
        """A person at their own device, or for whom a worker does something."""
        return cls(user, user)

    @property
    def is_at_own_device(self) -> bool:
        return self.user.pk == self.device_user.pk

    @property
    def group(self) -> Group:
        """The Group of both."""
        return self.user.group

    @property
    def group_id(self) -> int:
        return self.user.group_id
