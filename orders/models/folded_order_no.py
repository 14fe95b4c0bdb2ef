"""How people read an order's OrderNo, kept beside it."""

from typing import Any

from django.db import models

from orders.order_no import folded


class FoldedOrderNo(models.CharField):  # type: ignore[type-arg] # it takes none when it runs
    """Follows `order_no` whenever a row is saved or created in bulk; no caller has to think of it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        found = folded(getattr(model_instance, "order_no"))  # noqa: B009 - any model that has one
        setattr(model_instance, self.attname, found)
        return found
