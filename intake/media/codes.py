"""What words are about, by the name that a format gives them: one table for all formats.

Exif names by numbers, here in four hexadecimal digits. Whoever adds a name to one language adds
it to the other (intake/browser/media/codes.ts).
"""

_NAMES = {
    "author": (
        "Author,Copyright,\xa9ART,\xa9aut,auth,author,artist,013b,8298,9c9d,a430,aux:OwnerName,"
        "dc:creator,dc:rights,cp:lastModifiedBy,meta:initial-creator,Company"
    ),
    "serial": "a420,a431,a435,c62f,identifier,aux:SerialNumber,exifEX:BodySerialNumber",
    "camera": "Source,010f,0110,a433,a434,\xa9mak,\xa9mod,make,model,tiff:Make,tiff:Model",
    "software": (
        "Software,Creator,Producer,0131,013c,\xa9swr,\xa9too,software,xmp:CreatorTool,"
        "meta:generator,Application"
    ),
    "taken": (
        "Creation Time,CreationDate,0132,9003,9004,\xa9day,creationdate,xmp:CreateDate,"
        "exif:DateTimeOriginal,photoshop:DateCreated,dcterms:created,meta:creation-date"
    ),
    "comment": "010e,9286,9c9b,9c9c,9c9e,9c9f,dc:title,dc:description,exif:UserComment",
    "name": "010d",
    "position": "\xa9xyz,ISO6709,loci",
    "thumbnail": "covr",
    # Two halves of a position.
    "latitude": "exif:GPSLatitude",
    "longitude": "exif:GPSLongitude",
}

CODES = {name: code for code, names in _NAMES.items() for name in names.split(",")}
"""The code of a finding by the name of its words."""
