"""What the helpers of the stories claim is told as fully as what the tests claim."""

import pytest

pytest.register_assert_rewrite("tests.stories.adding_up", "tests.stories.counter")
