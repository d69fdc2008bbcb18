"""The archive a workbook is: sheets one after the other, then what says which there are. Pure."""

import io
import zipfile
from collections.abc import Sequence
from typing import IO

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LEVEL = 3
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Package:
    """`taken` gives what was written since it was last asked; nothing written is kept longer."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._names: list[str] = []
        self._sheet: IO[bytes] | None = None
        self.sheet_size = 0

    @property
    def sheets(self) -> int:
        return len(self._names)

    def taken(self) -> bytes:
        return self._sink.taken()

    def begin_sheet(self, name: str, *, widths: Sequence[int], frozen_rows: int = 0) -> None:
        self._end_sheet()
        self._names.append(name)
        self._sheet = self._archive.open(f"xl/worksheets/sheet{self.sheets}.xml", "w")
        self.sheet_size = 0
        self.add(
            f'{_XML}<worksheet xmlns="{_MAIN}">{_view(frozen_rows)}<cols>{_widths(widths)}</cols><sheetData>'
        )

    def add(self, xml: str) -> None:
        assert self._sheet is not None
        self.sheet_size += self._sheet.write(xml.encode())

    def end(self) -> None:
        self._end_sheet()
        for name, text in self._directory():
            self._archive.writestr(name, text)
        self._archive.close()

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self.add("</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _directory(self) -> list[tuple[str, str]]:
        return [
            ("xl/styles.xml", _STYLES),
            ("xl/workbook.xml", _workbook(self._names)),
            ("xl/_rels/workbook.xml.rels", _relations(self._sheet_targets())),
            ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
            ("[Content_Types].xml", _content_types(self.sheets)),
        ]

    def _sheet_targets(self) -> list[tuple[str, str]]:
        sheets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, self.sheets + 1)]
        return [*sheets, ("styles", "styles.xml")]


class _Sink(io.RawIOBase):
    """Takes an archive that is written in one go, without going back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _view(frozen_rows: int) -> str:
    if not frozen_rows:
        return ""
    edge = f'ySplit="{frozen_rows}" topLeftCell="A{frozen_rows + 1}" activePane="bottomLeft"'
    pane = f'<pane {edge} state="frozen"/>'
    return f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'


def _widths(widths: Sequence[int]) -> str:
    return "".join(
        f'<col min="{i}" max="{i}" width="{width}" customWidth="1"/>'
        for i, width in enumerate(widths, start=1)
    )


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, start=1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _content_types(sheets: int) -> str:
    parts = [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1)]
    parts += [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_KIND}.{kind}+xml"/>' for part, kind in parts
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = (
        f'<Default Extension="rels" ContentType="{relations}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'
