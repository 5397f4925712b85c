"""SMP packets and console lines, from the specification and Python's standard library alone.

    smp_oracle.py encode    one JSON packet a line in, the hex of its console lines out
    smp_oracle.py decode    the hex of console lines in, a JSON list of their packets out

A packet is {"op", "version", "group", "sequence", "command", "payload": hex of the CBOR}.
"""

import base64
import binascii
import json
import struct
import sys

HEADER = struct.Struct(">BBHHBB")


def encode(packet):
    payload = bytes.fromhex(packet["payload"])
    first = packet["version"] << 3 | packet["op"]
    rest = packet["group"], packet["sequence"], packet["command"]
    body = HEADER.pack(first, 0, len(payload), *rest) + payload
    crc = binascii.crc_hqx(body, 0)
    text = base64.b64encode(struct.pack(">H", len(body) + 2) + body + struct.pack(">H", crc))
    pieces = [text[at : at + 124] for at in range(0, len(text), 124)]
    markers = [b"\x06\x09"] + [b"\x04\x14"] * len(pieces)
    return b"".join(marker + piece + b"\n" for marker, piece in zip(markers, pieces))


def decode(stream):
    packets, frame = [], b""
    for line in stream.split(b"\n"):
        if line[:2] == b"\x06\x09":
            frame = b""
        elif line[:2] != b"\x04\x14":
            continue
        frame += base64.b64decode(line[2:], validate=True)
        (length,) = struct.unpack(">H", frame[:2])
        if len(frame) == length + 2:
            packets.append(unpack(frame[2:]))
    return packets


def unpack(checked):
    body, (crc,) = checked[:-2], struct.unpack(">H", checked[-2:])
    assert crc == binascii.crc_hqx(body, 0), "CRC"
    first, _, length, group, sequence, command = HEADER.unpack(body[:8])
    assert length == len(body) - 8, "length"
    return {
        "op": first & 7,
        "version": first >> 3,
        "group": group,
        "sequence": sequence,
        "command": command,
        "payload": body[8:].hex(),
    }


for request in sys.stdin:
    if sys.argv[1] == "encode":
        print(encode(json.loads(request)).hex())
    else:
        print(json.dumps(decode(bytes.fromhex(request))))
