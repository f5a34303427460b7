#!/usr/bin/env python3
"""Signs one record with a member's own key and writes a pre-signed capture (LPS1), byte for byte as docs/SPECIFICATION.md says.

It needs one package for Ed25519 (pip install cryptography) and nothing of Leafproof. Run without arguments it makes the specification's
worked example; `presign.py FILE` compares that with a file instead.
"""
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# --- BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), the three modes' common part
IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
MASK = 0xFFFFFFFF
CHUNK_START, CHUNK_END, PARENT, ROOT, CONTEXT, MATERIAL = 1, 2, 4, 8, 32, 64


def compress(cv, block, counter, length, flags):
    v = cv + IV[:4] + [counter & MASK, counter >> 32, length, flags]
    m = list(struct.unpack("<16I", block.ljust(64, b"\0")))

    def mix(a, b, c, d, x, y):
        for word, turn_d, turn_b in ((x, 16, 12), (y, 8, 7)):
            v[a] = (v[a] + v[b] + word) & MASK
            v[d] ^= v[a]
            v[d] = (v[d] >> turn_d | v[d] << 32 - turn_d) & MASK
            v[c] = (v[c] + v[d]) & MASK
            v[b] ^= v[c]
            v[b] = (v[b] >> turn_b | v[b] << 32 - turn_b) & MASK

    for _ in range(7):
        for i in range(4):
            mix(i, i + 4, i + 8, i + 12, m[2 * i], m[2 * i + 1])
        for i in range(4):
            mix(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m[2 * i + 8], m[2 * i + 9])
        m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def words(cv):
    return struct.pack("<8I", *cv)


def blake3(data, key=IV, flags=0):
    """The 32-byte hash of at most 2^64 bytes."""

    def chunk(at, top):
        piece, cv = data[at * 1024 : at * 1024 + 1024], key
        blocks = [piece[i : i + 64] for i in range(0, len(piece), 64)] or [b""]
        for i, block in enumerate(blocks):
            mode = flags | (CHUNK_START if i == 0 else 0)
            if i == len(blocks) - 1:
                mode |= CHUNK_END | (ROOT if top else 0)
            cv = compress(cv, block, at, len(block), mode)
        return cv

    def tree(first, count, top):
        if count == 1:
            return chunk(first, top)
        left = 1 << (count - 1).bit_length() - 1
        block = words(tree(first, left, False)) + words(tree(first + left, count - left, False))
        return compress(key, block, 0, 64, flags | PARENT | (ROOT if top else 0))

    return words(tree(0, max(1, -(-len(data) // 1024)), True))


def dk(context, material):
    """BLAKE3 in its key derivation mode."""
    key = blake3(context.encode(), flags=CONTEXT)
    return blake3(material, list(struct.unpack("<8I", key)), MATERIAL)


# --- The formats of the specification
def s8(b):
    return bytes([len(b)]) + b


def s16(b):
    return struct.pack(">H", len(b)) + b


def gs1_key(*elements):
    return dk("leafproof subject v1", b"\x01" + b"".join(s8(ai.encode()) + s8(value.encode()) for ai, value in elements))


def member_key(member):
    return dk("leafproof subject v1", b"\x03" + member.encode())


def example():
    origin, member, seed, salt = b"ledger.example/demo", "brand.example", bytes([2] * 32), bytes([7] * 16)
    public = b"/action\tsADD\n/type\tsObjectEvent\n"
    event_ms = 1_700_000_000_000
    item = gs1_key(("01", "09506000134352"), ("21", "A/1"))
    authority = b"\x01" + member_key(member)  # type owner: the member speaks of goods with a number of its own
    record = b"\x01\x00" + item  # role: object; by the first authority
    body = member_key(member)
    body += struct.pack(">QQ", 1, event_ms)  # the member's first record, and when it happened
    body += bytes([1, 1, 0])  # kind object, action ADD, class ordinary
    body += dk("leafproof event-id v1", b"urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8")
    body += struct.pack(">HH", 0, 1)  # chunk 0 of 1
    body += bytes(32)  # no target
    body += bytes([0])  # no references
    body += bytes([1, 1]) + dk("leafproof payload v1", salt + public)  # one part, public
    body += bytes([1]) + authority
    body += struct.pack(">I", 1) + dk("leafproof subject-leaf v2", record)  # one subject, whose leaf is the root
    message = b"leafproof event v2\n" + s8(origin) + body
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    tile_entry = bytes([1, 2]) + struct.pack(">Q", event_ms) + body + signature + record
    file = b"LPS1" + s8(origin) + struct.pack(">H", 1) + s16(tile_entry)
    file += salt + struct.pack(">I", len(public)) + public
    return file + dk("leafproof presigned v1", file)


if __name__ == "__main__":
    assert blake3(b"").hex().startswith("af1349b9f5f9a1a6a0404dea36dcc949")
    made = example()
    if len(sys.argv) > 1:
        with open(sys.argv[1], "rb") as file:
            if file.read() != made:
                sys.exit(f"{sys.argv[1]} is not the specification's worked example")
        print(f"{sys.argv[1]}: {len(made)} bytes, the same as made here")
    else:
        print(made.hex())
