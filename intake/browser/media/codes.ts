// What words are about, by the name that a format gives them: one table for all formats, the same
// as in intake/media/codes.py. Exif names by numbers, here in four hexadecimal digits.

const NAMES: Readonly<Record<string, string>> = {
  author:
    "Author,Copyright,\xa9ART,\xa9aut,auth,author,artist,013b,8298,9c9d,a430,aux:OwnerName," +
    "dc:creator,dc:rights,cp:lastModifiedBy,meta:initial-creator,Company",
  serial: "a420,a431,a435,c62f,identifier,aux:SerialNumber,exifEX:BodySerialNumber",
  camera: "Source,010f,0110,a433,a434,\xa9mak,\xa9mod,make,model,tiff:Make,tiff:Model",
  software:
    "Software,Creator,Producer,0131,013c,\xa9swr,\xa9too,software,xmp:CreatorTool," +
    "meta:generator,Application",
  taken:
    "Creation Time,CreationDate,0132,9003,9004,\xa9day,creationdate,xmp:CreateDate," +
    "exif:DateTimeOriginal,photoshop:DateCreated,dcterms:created,meta:creation-date",
  comment: "010e,9286,9c9b,9c9c,9c9e,9c9f,dc:title,dc:description,exif:UserComment",
  name: "010d",
  position: "\xa9xyz,ISO6709,loci",
  thumbnail: "covr",
  // Two halves of a position.
  latitude: "exif:GPSLatitude",
  longitude: "exif:GPSLongitude",
};

/** Returns the key of each word in a table of lists. */
export function inverted(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(table).flatMap(([key, list]) => list.split(",").map((word) => [word, key])),
  );
}

/** The code of a finding by the name of its words. */
export const CODES = inverted(NAMES);

/** Returns the code of words by their name, `comment` where the name tells nothing. */
export function codeOf(name: string): string {
  return CODES.get(name) ?? "comment";
}
