"""Photos whose files say something: EXIF, IPTC and XMP, written byte by byte where no library writes them."""

from io import BytesIO

from PIL import Image, PngImagePlugin

XMP = """<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'
 xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'
 xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' photoshop:City='{city}' tiff:Make='{make}' tiff:Model='{model}'
 aux:Lens='{lens}'>
<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>{caption}</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag>{keywords}</rdf:Bag></dc:subject>
<photoshop:DateCreated>{taken}</photoshop:DateCreated></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end='w'?>"""


def xmp(caption: str = "", keywords: tuple[str, ...] = (), **fields: str) -> bytes:
    """An XMP packet."""
    words = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    blank = dict.fromkeys(("city", "make", "model", "lens", "taken"), "")
    return XMP.format(**{**blank, **fields}, caption=caption, keywords=words).encode()


def iptc(*records: tuple[int, bytes]) -> bytes:
    """A segment of a JPEG with datasets of record 2, as Photoshop wraps them."""
    data = b"".join(b"\x1c\x02" + bytes([number]) + len(text).to_bytes(2) + text for number, text in records)
    block = b"8BIM\x04\x04\x00\x00" + len(data).to_bytes(4) + data + b"\x00" * (len(data) % 2)
    body = b"Photoshop 3.0\x00" + block
    return b"\xff\xed" + (len(body) + 2).to_bytes(2) + body


def exif(gps: bool = True) -> Image.Exif:
    """What a camera writes."""
    notes = Image.Exif()
    notes[0x010E], notes[0x010F], notes[0x0110] = "OLYMPUS DIGITAL CAMERA", "Canon", "Canon EOS 5D"
    notes.get_ifd(0x8769).update({0x9003: "2024:05:01 10:11:12", 0x9011: "+03:00", 0xA434: "EF50mm f/1.8"})
    if gps:
        notes.get_ifd(0x8825).update({1: "N", 2: (43.0, 30.0, 0.0), 3: "W", 4: (34.0, 6.0, 0.0)})
    return notes


def noted(
    picture: Image.Image,
    *,
    notes: Image.Exif | None = None,
    packet: bytes = b"",
    segment: bytes = b"",
    kind: str = "JPEG",
) -> bytes:
    """A photo with notes, as a file."""
    file = BytesIO()
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", packet.decode())
        picture.save(file, kind, exif=notes or Image.Exif(), pnginfo=texts)
    else:
        picture.save(file, kind, exif=notes or Image.Exif(), **({"xmp": packet} if packet else {}))
    data = file.getvalue()
    return data[:2] + segment + data[2:] if segment else data
