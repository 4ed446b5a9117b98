"""What words are about, by the name that a format gives them: one table for all formats.

Exif names by numbers, here in four hexadecimal digits; IPTC's records are `iptc` and a number.
Whoever adds a name to one language adds it to the other (intake/browser/media/codes.ts).
"""

_NAMES = {
    "author": (
        # PNG, PDF, RIFF, ID3, Vorbis
        "Author,Copyright,Artist,IART,ICOP,IENG,ITCH,TPE1,TPE2,TCOM,TCOP,TOWN,"
        "artist,author,copyright,performer,organization,contact,"
        # QuickTime, 3GPP, Exif, IPTC
        "\xa9ART,aART,\xa9aut,\xa9cpy,\xa9wrt,auth,cprt,perf,"
        "013b,8298,9c9d,a430,iptc80,iptc110,iptc115,iptc116,iptc122,"
        # XMP, Office
        "aux:OwnerName,exifEX:CameraOwnerName,dc:creator,dc:rights,photoshop:Credit,"
        "cp:lastModifiedBy,meta:initial-creator,Company,Manager"
    ),
    "serial": (
        "a420,a431,a435,c62f,\xa9xsn,identifier,"
        "aux:SerialNumber,aux:LensSerialNumber,exifEX:BodySerialNumber"
    ),
    "camera": (
        "Source,ISRC,010f,0110,a433,a434,\xa9mak,\xa9mod,make,model,tiff:Make,tiff:Model,aux:Lens"
    ),
    "software": (
        "Software,Creator,Producer,ISFT,TSSE,TENC,encoder,0131,013c,\xa9swr,\xa9too,\xa9enc,"
        "software,version,xmp:CreatorTool,pdf:Producer,meta:generator,Application"
    ),
    "taken": (
        "Creation Time,CreationDate,ICRD,TDRC,TDEN,TYER,date,0132,9003,9004,iptc55,\xa9day,"
        "creationdate,xmp:CreateDate,exif:DateTimeOriginal,photoshop:DateCreated,dcterms:created,"
        "meta:creation-date"
    ),
    "comment": (
        "010e,9286,9c9b,9c9c,9c9e,9c9f,iptc5,iptc25,iptc90,iptc105,iptc120,"
        "dc:title,dc:description,exif:UserComment"
    ),
    "name": "010d",
    "position": "\xa9xyz,ISO6709",
    "thumbnail": "covr",
    # Two halves of a position.
    "latitude": "exif:GPSLatitude",
    "longitude": "exif:GPSLongitude",
}

CODES = {name: code for code, names in _NAMES.items() for name in names.split(",")}
"""The code of a finding by the name of its words."""
