"""Writes canonical.txt from the Unicode data of the Python that runs this: python3 make.py. Hugging Face's tokenizers compose by Unicode 13; a newer
version differs in characters that were not there before."""
import pathlib
import unicodedata

lines = [
    f"# Canonical decompositions and combining classes of Unicode {unicodedata.unidata_version}, taken from the Unicode Character Database,",
    "# Copyright 1991-2021 Unicode, Inc., under the Unicode License (https://www.unicode.org/license.txt).",
    "# A line is a character and its combining class (0300 230), or a character, '=', and its decomposition; '!' marks one that is never composed again.",
]
for code in range(0x110000):
    if 0xD800 <= code < 0xE000 or 0xAC00 <= code <= 0xD7A3:
        continue
    character = chr(code)
    if unicodedata.combining(character):
        lines.append(f"{code:04X} {unicodedata.combining(character)}")
    decomposition = unicodedata.decomposition(character)
    if decomposition and not decomposition.startswith("<"):
        never = "!" if unicodedata.normalize("NFC", character) != character else ""
        lines.append(f"{code:04X}={decomposition}{never}")
pathlib.Path(__file__).with_name("canonical.txt").write_text("\n".join(lines) + "\n")
