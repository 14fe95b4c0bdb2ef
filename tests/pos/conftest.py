"""What the tests of the tablets' streams share."""

from tests.valkey import valkey as valkey
