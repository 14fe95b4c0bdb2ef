import re

from demo.options import ROOT


def test_every_setting_of_the_environment_is_explained_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "config" / "env.py").read_text()))
    lines = (ROOT / ".env.example").read_text().splitlines()
    explained = {line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)}
    assert read
    assert explained == read
