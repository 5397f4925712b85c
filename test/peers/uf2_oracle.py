"""Writes a raw image as UF2: uf2_oracle.py IN.bin OUT.uf2 ADDRESS. The standard library alone."""

import struct
import sys

source, target, address = sys.argv[1], sys.argv[2], int(sys.argv[3], 0)
with open(source, "rb") as file:
    image = file.read()
pieces = [image[at : at + 256] for at in range(0, len(image), 256)]
with open(target, "wb") as file:
    for number, piece in enumerate(pieces):
        file.write(
            struct.pack(
                "<8I476sI",
                *(0x0A324655, 0x9E5D5157, 0x2000, address + 256 * number),
                *(len(piece), number, len(pieces), 0xE48BFF56),
                piece,
                0x0AB16F30,
            )
        )
