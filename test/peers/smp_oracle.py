"""SMP packets, from the specification and Python's standard library alone.

    smp_oracle.py encode ENCODING    one JSON packet a line in, the hex of its bytes on the line out
    smp_oracle.py decode ENCODING    the hex of a line's bytes in, a JSON list of their packets out

ENCODING is `console` or `raw`. A packet is {"op", "version", "group", "sequence", "command",
"payload"}. In a payload, a byte string is {"hex": "…"} and everything else is itself.
"""

import base64
import binascii
import json
import struct
import sys

HEADER = struct.Struct(">BBHHBB")
BREAK = object()


def cbor(value):
    if value is False or value is True:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if list(value) == ["hex"]:
        return head(2, len(value["hex"]) // 2) + bytes.fromhex(value["hex"])
    entries = (cbor(key) + cbor(each) for key, each in value.items())
    return head(5, len(value)) + b"".join(entries)


def head(major, count):
    for low, size in (24, 1), (25, 2), (26, 4), (27, 8):
        if count < 24:
            return bytes([major << 5 | count])
        if count < 1 << 8 * size:
            return bytes([major << 5 | low]) + count.to_bytes(size, "big")


def uncbor(data, at=0):
    """The value at a place, and the place behind it."""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return {20: False, 21: True, 22: None, 31: BREAK}[low], at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    count = int.from_bytes(data[at : at + size], "big") if size else low
    at += size
    if major < 2:
        return (count if major == 0 else -1 - count), at
    if major < 4 and low != 31:
        raw = data[at : at + count]
        assert len(raw) == count, "string"
        return ({"hex": raw.hex()} if major == 2 else raw.decode()), at + count
    items, wanted = [], {3: count, 4: count, 5: 2 * count}.get(major, 0)
    while low == 31 or len(items) < wanted:
        item, at = uncbor(data, at)
        if item is BREAK:
            break
        items.append(item)
    if major == 2:
        return {"hex": "".join(item["hex"] for item in items)}, at
    if major == 3:
        return "".join(items), at
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


def pack(packet):
    payload = cbor(packet["payload"])
    first = packet["version"] << 3 | packet["op"]
    rest = packet["group"], packet["sequence"], packet["command"]
    return HEADER.pack(first, 0, len(payload), *rest) + payload


def unpack(body):
    first, _, length, group, sequence, command = HEADER.unpack(body[:8])
    assert length == len(body) - 8, "length"
    payload, end = uncbor(body, 8)
    assert end == len(body), "bytes behind the payload"
    return {
        "op": first & 7,
        "version": first >> 3,
        "group": group,
        "sequence": sequence,
        "command": command,
        "payload": payload,
    }


def to_console(body):
    crc = binascii.crc_hqx(body, 0)
    text = base64.b64encode(struct.pack(">H", len(body) + 2) + body + struct.pack(">H", crc))
    pieces = [text[at : at + 124] for at in range(0, len(text), 124)]
    markers = [b"\x06\x09"] + [b"\x04\x14"] * len(pieces)
    return b"".join(marker + piece + b"\n" for marker, piece in zip(markers, pieces))


def from_console(stream):
    frame = b""
    for line in stream.split(b"\n"):
        at = max(line.find(b"\x06\x09"), line.find(b"\x04\x14"))
        if at < 0:
            continue
        frame = (b"" if line[at] == 6 else frame) + base64.b64decode(line[at + 2 :], validate=True)
        (length,) = struct.unpack(">H", frame[:2])
        if len(frame) == length + 2:
            body, (crc,) = frame[2:-2], struct.unpack(">H", frame[-2:])
            assert crc == binascii.crc_hqx(body, 0), "CRC"
            yield body


def from_raw(stream):
    while stream:
        length = 8 + HEADER.unpack(stream[:8])[2]
        yield stream[:length]
        stream = stream[length:]


what, encoding = sys.argv[1:]
for request in sys.stdin:
    if what == "encode":
        body = pack(json.loads(request))
        print((to_console(body) if encoding == "console" else body).hex())
    else:
        line = bytes.fromhex(request)
        bodies = from_console(line) if encoding == "console" else from_raw(line)
        print(json.dumps([unpack(body) for body in bodies]))
