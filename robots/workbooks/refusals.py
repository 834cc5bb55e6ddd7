"""What is refused before the sheets of a workbook are unpacked: not Excel, locked, with macros, or made to fill the
memory.

The directory at the end of the zip file is read, and the short list of what its parts are. The directory's sizes can
be trusted that far: Python unpacks no more of a part than its directory says.
"""

from __future__ import annotations

import zipfile
from typing import IO

from openpyxl.xml.functions import fromstring

from robots.errors import WrongInput

# 100,000 rows of 10 columns are 4 MB as openpyxl writes them and about as much from Excel; pictures may be in the file.
MOST_BYTES = 50_000_000
# The same sheet is 60 MB unpacked; a million formatted but empty rows are 250 MB.
MOST_SHEET_BYTES = 500_000_000
# The texts of a workbook are held in memory all at once by the library: a million different ones are 40 MB.
MOST_TEXT_BYTES = 64_000_000
# Everything else that is read (styles, names, relations) is a few hundred kB in a large workbook.
MOST_PART_BYTES = 20_000_000
MOST_PARTS = 2_000
# The directory names each part in fifty bytes or so; it is read whole.
MOST_DIRECTORY_BYTES = 1_000_000
# Sheets of equal rows shrink 30 times or so; deflate can do 1,030 times, and only a bomb comes near.
MOST_RATIO = 200
# Below this a part may shrink as much as it likes.
RATIO_FROM_BYTES = 1_000_000

_TYPES = "[Content_Types].xml"
_OLD_OR_LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
_LOCKED_PART = "EncryptedPackage".encode("utf-16-le")
_OBJECTS = ("xl/embeddings/", "xl/activex/", "xl/ctrlprops/")
_DIRECTORY_SIZE = 5  # its place in what is told of the end of a zip file
_SAVE_AS = "Öppna den i Excel och spara den som Excel-arbetsbok (.xlsx)."


def refuse_unsafe(file: IO[bytes], name: str) -> None:
    """Raise ``WrongInput`` unless ``file`` is an Excel workbook that can be unpacked without harm."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > MOST_BYTES:
        raise _refused(name, f"Filen är {size // 1_000_000} MB. Dela upp den: högst {MOST_BYTES // 1_000_000} MB går.")
    head = file.read(8)
    if head == _OLD_OR_LOCKED:
        locked = _LOCKED_PART in file.read()
        raise _refused(
            name, f"Filen är låst med lösenord. Spara den utan lösenord. {_SAVE_AS}" if locked
            else f"Filen är sparad i det gamla formatet .xls. {_SAVE_AS}",
        )  # fmt: skip
    try:
        _refuse_directory(file, name)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _refuse_parts(parts, name)
            types = _types_in(archive)
    except WrongInput:
        raise
    except Exception:  # whatever a damaged file makes the libraries say, it means the same to the person who sent it
        raise _refused(name, f"Filen är inte en Excelfil, eller så är den skadad. {_SAVE_AS}") from None
    _refuse_programs({kind for kinds in types.values() for kind in kinds}, {part.filename for part in parts}, name)
    for part in parts:
        if part.file_size > _most_bytes(part.filename, types.get(part.filename, set())):
            raise _swollen(name, part)


def _refuse_directory(file: IO[bytes], name: str) -> None:
    """Before the library makes an object of each part: what the file's end says of its directory is what it reads."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined] # two ends may stand there, and it knows which counts
    if end and end[_DIRECTORY_SIZE] > MOST_DIRECTORY_BYTES:
        raise _refused(name, f"Filen är inte byggd som en vanlig Excelfil. {_SAVE_AS}")


def _refuse_programs(types: set[str], parts: set[str], name: str) -> None:
    """Nothing of it is ever carried out here; but the result goes to others, and a list of cases needs none."""
    if any("macroEnabled" in kind or kind.endswith(".vbaProject") for kind in types) or any(
        part.lower().rpartition("/")[2] == "vbaproject.bin" for part in parts
    ):
        raise _refused(name, f"Filen har makron. {_SAVE_AS}")
    if any(part.lower().startswith(_OBJECTS) for part in parts):
        raise _refused(name, "Filen har andra filer eller program inbäddade. Kopiera raderna till en ny mall.")
    if not any(kind.endswith((".sheet.main+xml", ".template.main+xml")) for kind in types):
        raise _refused(name, f"Filen är inte en Excelfil. {_SAVE_AS}")


def _types_in(archive: zipfile.ZipFile) -> dict[str, set[str]]:
    """What the workbook itself says that its parts are: a part is measured as that, whatever its name."""
    types: dict[str, set[str]] = {}
    for element in fromstring(archive.read(_TYPES)):
        part = element.get("PartName", "").lstrip("/")
        types.setdefault(part, set()).add(element.get("ContentType", ""))
    return types


def _refuse_parts(parts: list[zipfile.ZipInfo], name: str) -> None:
    names = {part.filename for part in parts}
    if not {_TYPES, "_rels/.rels"} <= names or not any(n.startswith("xl/") for n in names):
        raise _refused(name, f"Filen är inte en Excelfil. {_SAVE_AS}")
    if len(parts) > MOST_PARTS or len(names) < len(parts):
        raise _refused(name, f"Filen är inte byggd som en vanlig Excelfil. {_SAVE_AS}")
    for part in parts:
        if part.flag_bits & 0x1:
            raise _refused(name, f"Filen är låst med lösenord. Spara den utan lösenord. {_SAVE_AS}")
        if part.file_size > max(RATIO_FROM_BYTES, MOST_RATIO * part.compress_size):
            raise _swollen(name, part)
        if part.filename == _TYPES and part.file_size > RATIO_FROM_BYTES:
            raise _swollen(name, part)
    if sum(part.file_size for part in parts) > MOST_SHEET_BYTES + MOST_TEXT_BYTES:
        raise _refused(name, "Filen är för stor när den packas upp. Kopiera raderna till en ny mall.")


def _most_bytes(part: str, types: set[str]) -> int:
    if any(kind.endswith(".sharedStrings+xml") for kind in types):
        return MOST_TEXT_BYTES
    if part.startswith("xl/worksheets/") and types and all(kind.endswith(".worksheet+xml") for kind in types):
        return MOST_SHEET_BYTES
    return MOST_PART_BYTES


def _swollen(name: str, part: zipfile.ZipInfo) -> WrongInput:
    return _refused(
        name, f"Filens del {part.filename} är {part.file_size // 1_000_000} MB när den packas upp. Filen öppnas inte, "
        "eftersom den kan vara gjord för att skada. Kopiera raderna till en ny mall.",
    )  # fmt: skip


def _refused(name: str, why: str) -> WrongInput:
    return WrongInput("Filen", name, why)
