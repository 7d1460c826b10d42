"""A TrueType font of a single letter, drawn as a box: for a script that no font at hand has."""

from struct import pack


def font_of(letter: str) -> bytes:
    """Write the tables that OpenType asks of a font, with two glyphs: no letter, and this one."""
    code = ord(letter)
    box = pack(">hhhhhHH", 1, 0, 0, 500, 700, 3, 0) + bytes([1] * 4)
    box += pack(">hhhhhhhh", 0, 500, 0, -500, 0, 0, 700, 0)
    box += bytes(-len(box) % 4)
    parts = pack(">HHHHHHHHH", code, 0xFFFF, 0, code, 0xFFFF, (1 - code) & 0xFFFF, 1, 0, 0)
    names, entries, text = [(1, "One Letter"), (2, "Regular"), (4, "One Letter"), (6, "OneLetter")], b"", b""
    for number, name in names:
        entries += pack(">HHHHHH", 3, 1, 0x409, number, 2 * len(name), len(text))
        text += name.encode("utf-16-be")
    tables = {
        b"OS/2": pack(">HhHHH11h10s4I4s3H3h2H2I2h3H", 3, 600, 400, 5, *[0] * 12, bytes(10), 0, 0, 0, 0, b"none", 64,
                      code, code, 800, -200, 0, 800, 200, 0, 0, 500, 700, 0, 0, 0),
        b"cmap": pack(">HHHHI7H", 0, 1, 3, 1, 12, 4, 14 + len(parts), 0, 4, 4, 1, 0) + parts,
        b"glyf": box + box,
        b"head": pack(">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, 0, 500, 700, 0, 8, 2, 1, 0),
        b"hhea": pack(">I3hH11hH", 0x10000, 800, -200, 0, 600, 0, 0, 500, 1, *[0] * 7, 2),
        b"hmtx": pack(">HhHh", 600, 0, 600, 0),
        b"loca": pack(">III", 0, len(box), 2 * len(box)),
        b"maxp": pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 2, *[0] * 8),
        b"name": pack(">HHH", 0, len(names), 6 + len(entries)) + entries + text,
        b"post": pack(">2I2h5I", 0x30000, *[0] * 8),
    }  # fmt: skip
    directory, body, start = b"", b"", 12 + 16 * len(tables)
    for tag, data in tables.items():
        directory += tag + pack(">III", 0, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return pack(">IHHHH", 0x10000, len(tables), 128, 3, 32) + directory + body
