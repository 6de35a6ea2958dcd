"""Makes many JSON member names that std::hash of libstdc++ (MurmurHash64A, fixed seed) maps to one value.

A key is three segments of two 8-byte blocks. Each segment starts at a known state; its first block is
random text, its second is computed so that the state after it is the wanted one, and taken when it is
printable. With v variants of each segment there are v^3 names, all with the same 64-bit hash.
"""

import random

MASK = (1 << 64) - 1
MUL = 0xC6A4A7935BD1E995
INVERSE = pow(MUL, -1, 1 << 64)
SEED = 0xC70F6907
BLOCKS = 6
ALPHABET = bytes(range(0x23, 0x5C)) + bytes(range(0x5D, 0x7F))


def _shift(value):
    return value ^ (value >> 47)


def _mix(block):
    return _shift(block * MUL & MASK) * MUL & MASK


def _unmix(data):
    return _shift(data * INVERSE & MASK) * INVERSE & MASK


def _step(state, block):
    return (state ^ _mix(block)) * MUL & MASK


def _printable(data):
    return all(0x23 <= byte < 0x7F and byte != 0x5C for byte in data)


def _variants(state, wanted, count, dice):
    """`count` pairs of printable blocks that lead from `state` to `wanted`."""
    before_last = wanted * INVERSE & MASK
    found = []
    while len(found) < count:
        first = bytes(dice.choices(ALPHABET, k=8))
        second = _unmix(_step(state, int.from_bytes(first, "little")) ^ before_last).to_bytes(8, "little")
        if _printable(second):
            found.append((first + second).decode())
    return found


def colliding_names(count):
    """`count` different 48-character names with one hash."""
    dice = random.Random(20)
    per_segment = next(v for v in range(2, 1000) if v**3 >= count)
    states = [SEED ^ (BLOCKS * 8 * MUL & MASK)] + [dice.getrandbits(64) for _ in range(3)]
    parts = [_variants(states[n], states[n + 1], per_segment, dice) for n in range(3)]
    names = (a + b + c for a in parts[0] for b in parts[1] for c in parts[2])
    return [name for name, _ in zip(names, range(count))]


def libstdcpp_hash(name):
    """The hash the names are made for, for a test of this file's own promise."""
    data = name.encode()
    state = SEED ^ (len(data) * MUL & MASK)
    for at in range(0, len(data), 8):
        state = _step(state, int.from_bytes(data[at:at + 8], "little"))
    return _shift(_shift(state) * MUL & MASK)
