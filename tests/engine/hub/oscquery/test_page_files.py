"""The page is whole, and nothing in it leads elsewhere."""

from __future__ import annotations

import re

from engine.hub.oscquery.page_files import HEADERS, INDEX, page_files


def test_every_file_that_the_page_names_is_there() -> None:
    files = page_files()
    assert files[INDEX].kind.startswith("text/html")
    for name, file in files.items():
        text = file.contents.decode()
        named = re.findall(r'(?:src|href)="([^"#]+)"|from "\./([^"]+)"', text)
        for one in ("".join(pair) for pair in named):
            assert one in files, f"{name} names {one}"


def test_nothing_leads_elsewhere() -> None:
    """The control is the policy that browsers hold us to."""
    assert "default-src 'self'" in HEADERS["Content-Security-Policy"]
    for name, file in page_files().items():
        found = re.findall(rb"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", file.contents)
        assert [one for one in found if b"w3.org" not in one] == [], name
