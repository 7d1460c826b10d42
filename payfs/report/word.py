"""A document in Word, put together of headings, paragraphs and tables: the same content gives the same bytes.

Headings are real ones, so that a reader can move by them; a table repeats its head on every page; the language is set,
for those who listen. Text only ever becomes text: a character that nobody sees is written by its number.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from payfs.report.bill_words import visible

LETTER = (Emu(7772400), Emu(10058400))
A4 = (Mm(210), Mm(297))
MARGIN = Mm(22)
FONT, INK = "Arial", RGBColor(0x14, 0x36, 0x5C)
SHADE, GRID = "E4ECF5", "8A98A8"
SMALL = 19  # letters of a table [half points]
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
SETTING = (
    f'<w:compat {nsdecls("w")}><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
)


class WordDocument:
    """A document that grows from top to bottom."""

    def __init__(self, title: str, language: str, letter: bool, dated: datetime.date) -> None:
        """Begin a document.

        Args:
            title: in its properties.
            language: such as ``en-US``.
            letter: whether its paper is US Letter; else A4.
            dated: the day in its properties, which must not be that of the machine.
        """
        self.document = Document()
        self._paper(letter)
        self._styles(language)
        self._properties(visible(title), language, dated)
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):  # a picture of the empty template
                del package.rels[key]

    def title(self, text: str, below: str = "") -> None:
        """Set the title, and a line below it."""
        self._add(_paragraph(text, "Title"))
        if below:
            self._add(_paragraph(below, "Subtitle"))

    def heading(self, text: str, level: int) -> None:
        """Set a heading, 1 to 3."""
        self._add(_paragraph(text, f"Heading{level}"))

    def paragraph(self, text: str, with_next: bool = False, bold: bool = False) -> None:
        """Set a paragraph; ``with_next`` keeps it on the page of what follows."""
        self._add(_paragraph(text, "", "<w:keepNext/>" if with_next else "", bold))

    def bullet(self, text: str) -> None:
        """Set one entry of a list."""
        self._add(_paragraph(text, "ListBullet"))

    def table(
        self,
        rows: Iterable[Sequence[str]],
        shares: Sequence[float],
        head: Sequence[str] = (),
        right: Sequence[int] = (),
        what: str = "",
    ) -> None:
        """Set a table.

        Args:
            rows: its cells.
            shares: of the width of the page, one for each column.
            head: repeated on every page; without one the first column heads the rows.
            right: columns that stand to the right.
            what: it shows, for those who listen.
        """
        widths = [int(share * self.width / sum(shares)) for share in shares]
        parts = [f"<w:tbl {nsdecls('w')}>{_table_settings(bool(head), what)}<w:tblGrid>"]
        parts += [f'<w:gridCol w:w="{width}"/>' for width in widths]
        parts.append("</w:tblGrid>")
        if head:
            parts.append(_row(head, widths, right, head=True))
        parts += [_row(row, widths, right, first=not head) for row in rows]
        parts.append("</w:tbl>")
        self._add("".join(parts))
        self._add(_paragraph("", "", '<w:spacing w:before="0" w:after="40" w:line="120" w:lineRule="exact"/>'))

    def _add(self, xml: str) -> None:
        """Add an element at the end; what python-docx does for it, but without a search through all styles."""
        body = self.document.element.body
        body.insert(len(body) - 1, parse_xml(xml))  # the last element holds the page

    @property
    def width(self) -> int:
        """How wide the text is [twentieths of a point]."""
        section = self.document.sections[0]
        assert section.page_width is not None
        return int((section.page_width - 2 * MARGIN) / 635)

    def footer(self, *lines: str) -> None:
        """Set lines at the foot of every page; the last is followed by the page's number."""
        footer = self.document.sections[0].footer
        for place, text in enumerate(lines):
            made = footer.paragraphs[0] if not place else footer.add_paragraph()
            made.style = self.document.styles["Footer"]
            made.add_run(visible(text))
        made.add_run(" Page ")
        for number, (field, between) in enumerate((("PAGE", " of "), ("NUMPAGES", ""))):
            made._p.append(parse_xml(_field(field, number + 1)))
            made.add_run(between)

    def written(self) -> bytes:
        """Return the document."""
        file = io.BytesIO()
        self.document.save(file)
        return undated(file.getvalue())

    def _paper(self, letter: bool) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = LETTER if letter else A4
        section.left_margin = section.right_margin = section.top_margin = MARGIN
        section.bottom_margin, section.footer_distance = Mm(24), Mm(9)

    def _styles(self, language: str) -> None:
        styles = self.document.styles
        sizes: dict[str, float] = {
            "Normal": 10,
            "Title": 20,
            "Subtitle": 12,
            "Heading 1": 15,
            "Heading 2": 12,
            "Heading 3": 11,
        }
        sizes |= {"List Bullet": 10, "Footer": 7.5}
        for name, size in sizes.items():
            style = styles[name]
            style.font.size = Pt(size)
            _fonts(style.element.get_or_add_rPr())
            if name.startswith(("Heading", "Title", "Subtitle")):
                style.font.color.rgb, style.font.italic = INK, False
                _unspaced(style.element.rPr)
                style.paragraph_format.keep_with_next = True
        styles["Normal"].paragraph_format.space_after = Pt(5)
        styles["Heading 1"].paragraph_format.space_before = Pt(18)
        styles["Heading 2"].paragraph_format.space_before = Pt(11)
        styles["Footer"].paragraph_format.space_after = Pt(0)
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        defaults.find(qn("w:lang")).set(qn("w:val"), language)
        settings = self.document.settings.element
        for old in settings.findall(qn("w:compat")):
            settings.remove(old)
        # where the schema has it: before what says how words are hyphenated and maths is set
        settings.insert_element_before(
            parse_xml(SETTING), "w:rsids", "m:mathPr", "w:themeFontLang", "w:clrSchemeMapping"
        )

    def _properties(self, title: str, language: str, dated: datetime.date) -> None:
        core = self.document.core_properties
        core.title, core.language = title[:255], language
        core.author = core.last_modified_by = core.comments = core.keywords = core.subject = ""
        core.created = core.modified = datetime.datetime(dated.year, dated.month, dated.day)
        core.revision = 1


def undated(archive: bytes) -> bytes:
    """Return a zip file whose entries bear no time, so that the same content gives the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _paragraph(text: str, style: str = "", settings: str = "", bold: bool = False) -> str:
    """Return a paragraph; no style is the plain one."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    letters = "<w:rPr><w:b/></w:rPr>" if bold else ""
    run = f'<w:r>{letters}<w:t xml:space="preserve">{escape(visible(text))}</w:t></w:r>' if text else ""
    return f"<w:p {nsdecls('w')}><w:pPr>{named}{settings}</w:pPr>{run}</w:p>"


def _fonts(properties: Any) -> None:
    """Set one font for every script, in the place of the theme's."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is not None:
        properties.remove(fonts)
    names = " ".join(f'w:{script}="{FONT}"' for script in ("ascii", "hAnsi", "cs"))
    properties.insert(0, parse_xml(f"<w:rFonts {nsdecls('w')} {names}/>"))


def _unspaced(properties: Any) -> None:
    """Take out that letters stand apart, as they do in the titles of the template."""
    for name in ("w:spacing", "w:kern"):
        for found in properties.findall(qn(name)):
            properties.remove(found)


def _table_settings(head: bool, what: str) -> str:
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{GRID}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    caption = f"<w:tblCaption w:val={quoteattr(visible(what))}/>" if what else ""
    return (
        f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{lines}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/>'
        f'</w:tblCellMar><w:tblLook w:val="0000" w:firstRow="{int(head)}" w:lastRow="0" '
        f'w:firstColumn="{int(not head)}" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>{caption}</w:tblPr>'
    )


def _row(
    cells: Sequence[str], widths: Sequence[int], right: Sequence[int], head: bool = False, first: bool = False
) -> str:
    settings = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else "<w:trPr><w:cantSplit/></w:trPr>"
    made = []
    for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
        shaded = head or (first and place == 0)
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>' if shaded else ""
        side = '<w:jc w:val="right"/>' if place in right else ""
        letters = f'<w:rPr>{"<w:b/>" if head else ""}<w:sz w:val="{SMALL}"/></w:rPr>'
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
            f'<w:spacing w:before="30" w:after="30"/>{side}</w:pPr><w:r>{letters}'
            f'<w:t xml:space="preserve">{escape(visible(text))}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr>{settings}{''.join(made)}</w:tr>"


def _field(name: str, shown: int) -> str:
    """Return a field that Word works out, with what it shows until then."""
    run = f'<w:r><w:t xml:space="preserve">{shown}</w:t></w:r>'
    return f'<w:fldSimple {nsdecls("w")} w:instr=" {name} ">{run}</w:fldSimple>'
