"""Gives assertions in the helpers of the stories full failure messages."""

import pytest

pytest.register_assert_rewrite("tests.stories.adding_up", "tests.stories.counter", "tests.stories.whole_line")
