#!/usr/bin/env python3
"""Writes an ISF file (Volatility 3) of a kernel out of what other tools say of it: bpftool of the types, the kernel of its symbols.

Usage: isf.py BTF-JSON SYMBOLS [BANNER] >FILE
BTF-JSON: the output of `bpftool btf dump file … -j`; SYMBOLS: lines as in System.map or /proc/kallsyms.
"""
import base64
import json
import sys

MODIFIERS = {"TYPEDEF", "CONST", "VOLATILE", "RESTRICT", "TYPE_TAG"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        types = {entry["id"]: entry for entry in json.load(file)["types"]}

    def resolve(number):
        while number and types[number]["kind"] in MODIFIERS:
            number = types[number]["type_id"]
        return number

    # Of several types with one name the first keeps it; the others, and those without a name, get one of their own.
    names, taken = {}, set()
    for number, entry in types.items():
        kind, name = entry["kind"], entry.get("name", "(anon)")
        if kind not in ("STRUCT", "UNION", "ENUM", "ENUM64", "INT", "FLOAT"):
            continue
        key = (kind in ("STRUCT", "UNION"), kind.startswith("ENUM"), name)
        names[number] = f"unnamed_{number:x}" if name == "(anon)" else f"{name}__{number}" if key in taken else name
        taken.add(key)

    def describe(number):
        number = resolve(number)
        if not number:
            return {"kind": "base", "name": "void"}
        entry = types[number]
        kind = entry["kind"]
        if kind in ("INT", "FLOAT"):
            return {"kind": "base", "name": names[number]}
        if kind == "PTR":
            return {"kind": "pointer", "subtype": describe(entry["type_id"])}
        if kind == "ARRAY":
            return {"kind": "array", "count": entry["nr_elems"], "subtype": describe(entry["type_id"])}
        if kind in ("STRUCT", "UNION"):
            return {"kind": kind.lower(), "name": names[number]}
        if kind == "FWD":
            return {"kind": entry["fwd_kind"], "name": entry["name"]}
        if kind in ("ENUM", "ENUM64"):
            return {"kind": "enum", "name": names[number]}
        return {"kind": "function"}

    def size_of(number):
        return types[resolve(number)]["size"]

    def field(member):
        bits = member.get("bitfield_size", 0)
        if not bits:
            return {"offset": member["bits_offset"] // 8, "type": describe(member["type_id"])}
        unit = size_of(member["type_id"]) * 8
        start = member["bits_offset"] // unit * unit
        return {"offset": start // 8, "type": {"kind": "bitfield", "bit_position": member["bits_offset"] - start,
                                               "bit_length": bits, "type": describe(member["type_id"])}}

    base = {"void": {"size": 0, "signed": False, "kind": "void", "endian": "little"},
            "pointer": {"size": 8, "signed": False, "kind": "int", "endian": "little"}}
    user, enums = {}, {}
    for number, entry in types.items():
        kind = entry["kind"]
        if kind in ("INT", "FLOAT"):
            encoding = entry.get("encoding", "")
            base[names[number]] = {"size": entry["size"], "signed": encoding == "SIGNED", "endian": "little",
                                   "kind": "float" if kind == "FLOAT" else {"BOOL": "bool", "CHAR": "char"}.get(encoding, "int")}
        elif kind in ("STRUCT", "UNION"):
            fields = {}
            for index, member in enumerate(entry["members"]):
                anonymous = member["name"] == "(anon)"
                fields[f"unnamed_field_{index}" if anonymous else member["name"]] = \
                    field(member) | ({"anonymous": True} if anonymous else {})
            user[names[number]] = {"kind": kind.lower(), "size": entry["size"], "fields": fields}
        elif kind in ("ENUM", "ENUM64"):
            enums[names[number]] = {"size": entry["size"], "base": "int",
                                    "constants": {value["name"]: value["val"] for value in entry["values"]}}

    symbols = {}
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            address, _, name = line.rstrip("\n").split(" ", 2)
            if "\t" not in name:
                symbols.setdefault(name, {"address": int(address, 16)})
    if len(sys.argv) > 3:
        symbols["linux_banner"]["constant_data"] = base64.b64encode(sys.argv[3].encode() + b"\n\0").decode()

    json.dump({"metadata": {"linux": {"symbols": [], "types": []}, "producer": {"name": "isf.py", "version": "1"}, "format": "6.2.0"},
               "base_types": base, "user_types": user, "enums": enums, "symbols": symbols}, sys.stdout)


main()
