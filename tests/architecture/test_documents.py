"""Every document can be reached from the front page, and no link leads nowhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE_BLOCK = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def targets(document: Path) -> set[Path]:
    """Return what a document links to; a link to a folder is one to each document in it."""
    linked = {(document.parent / link).resolve() for link in LINK.findall(document.read_text(encoding="utf-8"))}
    return linked | {inside for folder in linked if folder.is_dir() for inside in folder.glob("*.md")}


def documents() -> set[Path]:
    return {ROOT / "README.md", *(ROOT / "docs").rglob("*.md")}


def test_no_link_leads_nowhere() -> None:
    assert [(document.name, link) for document in documents() for link in targets(document) if not link.exists()] == []


def test_every_document_can_be_reached_from_the_front_page() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        reached |= new
        new = {link for document in new for link in targets(document) if link.suffix == ".md"} - reached

    assert documents() <= reached


def test_the_index_names_every_document() -> None:
    index = ROOT / "docs" / "README.md"

    assert set((ROOT / "docs").rglob("*.md")) - targets(index) == {index}


def test_commands_can_be_typed_as_they_are_written() -> None:
    """No folder of ours is on anybody's PATH after `make setup`."""
    blocks = {(document.name, block) for document in documents() for block in CODE_BLOCK.findall(document.read_text())}

    assert [name for name, block in sorted(blocks) if re.search(r"^ *u2c ", block, re.MULTILINE)] == []


def test_the_glossary_is_in_alphabetical_order() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)

    words = [word.casefold() for word in rows[1:]]
    assert words == sorted(words)
