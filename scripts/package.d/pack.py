"""pack: writes the packages from what scripts/package built.

    pack.py WORK OUT MACHINE EPOCH

WORK holds bin, man, bash, zsh, fish, metadata.json (of cargo metadata), tree and harnesses (of scripts/package.d/tree). Every
archive is written by hand, with sorted names, owner 0 and one time, so that the same input gives the same bytes.

In each package bin has the five tools and the harnesses, and share/evidence-filters the pages, the harnesses and the examples as
they lie in the project; in the npm package that tree is the package itself.
"""

import base64
import gzip
import hashlib
import io
import json
import lzma
import os
import sys
import tarfile
import time
import zipfile

NAME = "evidence-filters"
SUMMARY = "Five small filters that answer: did it pass? Never PASS without evidence."


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def packages(metadata):
    """The crates that the binaries are made of: what the five tools reach by normal dependencies."""
    by_id = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    wanted = [id for id in metadata["workspace_members"] if "/tools/" in by_id[id]["manifest_path"]]
    seen = set()
    while wanted:
        id = wanted.pop()
        if id in seen:
            continue
        seen.add(id)
        for dependency in nodes[id]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                wanted.append(dependency["pkg"])
    return sorted((by_id[id] for id in seen), key=lambda package: (package["name"], package["version"]))


def bill_of_materials(used, version):
    """CycloneDX 1.5, without a serial number or a time: the same source has the same bill."""
    components = [
        {
            "type": "library",
            "name": package["name"],
            "version": package["version"],
            "purl": f"pkg:cargo/{package['name']}@{package['version']}",
            "licenses": [{"expression": (package["license"] or "NOASSERTION").replace("/", " OR ")}],
        }
        for package in used
        if package["source"]
    ]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": NAME, "version": version}},
        "components": components,
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def licences(used):
    """The licence texts of all crates that are in the binaries, each text once."""
    texts = {}
    for package in used:
        folder = os.path.dirname(package["manifest_path"])
        if not package["source"]:
            continue
        names = [name for name in sorted(os.listdir(folder)) if name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "UNLICENSE"))]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                texts.setdefault(read(path), []).append(f"{package['name']} {package['version']} ({name})")
        if not names:
            texts.setdefault(f"{package['license']}\n".encode(), []).append(f"{package['name']} {package['version']}")
    out = io.BytesIO()
    for text, owners in sorted(texts.items(), key=lambda item: item[1]):
        out.write(("=" * 78 + "\n" + "\n".join(owners) + "\n" + "=" * 78 + "\n\n").encode() + text + b"\n")
    return out.getvalue()


def gz(data):
    return gzip.compress(data, 9, mtime=0)


def xz(data):
    """Less than half of what gzip makes of it: the five binaries have much in common, further apart than gzip looks."""
    return lzma.compress(data, preset=9)


def tar(files, epoch, compress=gz):
    """A compressed tar archive of {name: (bytes, mode)}, or of {name: target} for a link; folders come from the names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        folders = set()
        for name in sorted(files):
            parts = name.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in folders and folder not in ("", "."):
                    folders.add(folder)
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, epoch
                    archive.addfile(entry)
            entry = tarfile.TarInfo(name)
            if isinstance(files[name], str):
                entry.type, entry.linkname, entry.mode, entry.mtime = tarfile.SYMTYPE, files[name], 0o777, epoch
                archive.addfile(entry)
                continue
            data, mode = files[name]
            entry.size, entry.mode, entry.mtime = len(data), mode, epoch
            archive.addfile(entry, io.BytesIO(data))
    return compress(out.getvalue())


def deb(control, files, epoch):
    """A Debian package: an ar archive of three members."""
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", tar({"./control": (control, 0o644)}, epoch)),
        ("data.tar.xz", tar({"./" + name: value for name, value in files.items()}, epoch, xz)),
    ]
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{epoch:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


# A wheel has no links: a harness is started where its parts are.
STARTER = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/../share/evidence-filters/scripts/{}" "$@"
"""


def wheel(version, tags, bins, harnesses, shared, licence, epoch):
    """A wheel whose scripts are the binaries themselves; what is shared lies under the prefix, as in the other packages."""
    name = NAME.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    scripts = bins | {harness: STARTER.format(harness).encode() for harness in harnesses}
    files = {f"{name}-{version}.data/scripts/{tool}": (data, 0o755) for tool, data in scripts.items()}
    files |= {f"{name}-{version}.data/data/{path}": value for path, value in shared.items()}
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nSummary: {SUMMARY}\nLicense: MIT\n".encode(),
        0o644,
    )
    files[f"{info}/WHEEL"] = (
        ("Wheel-Version: 1.0\nGenerator: scripts/package\nRoot-Is-Purelib: false\n" + "".join(f"Tag: {tag}\n" for tag in tags)).encode(),
        0o644,
    )
    files[f"{info}/LICENSE"] = (licence, 0o644)
    record = ""
    for path in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[path][0]).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(files[path][0])}\n"
    files[f"{info}/RECORD"] = ((record + f"{info}/RECORD,,\n").encode(), 0o644)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            data, mode = files[path]
            entry = zipfile.ZipInfo(path, time.gmtime(max(epoch, 315532800))[:6])
            entry.external_attr, entry.compress_type, entry.create_system = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, data)
    return out.getvalue()


def main():
    work, out, machine, epoch = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    metadata = json.loads(read(work, "metadata.json"))
    used = packages(metadata)
    version = next(package["version"] for package in used if package["name"] == "verdict")
    licence, third, bill = read("LICENSE"), licences(used), bill_of_materials(used, version)
    changes = read("CHANGELOG.md")
    harnesses = read(work, "harnesses").decode().split()
    tree = {path: (read(path), 0o755 if os.access(path, os.X_OK) else 0o644) for path in read(work, "tree").decode().split("\n") if path}
    bins = {tool: read(work, "bin", tool) for tool in sorted(os.listdir(os.path.join(work, "bin")))}
    for tool, data in bins.items():
        if len(data) > 3 << 20:
            print(f"package: {tool} has {len(data)} bytes: wanted at most 3 MiB", file=sys.stderr)

    pages = {f"man{name.rsplit('.', 1)[1]}/{name}": read(work, "man", name) for name in os.listdir(os.path.join(work, "man"))}
    shells = {kind: {name: read(work, kind, name) for name in os.listdir(os.path.join(work, kind))} for kind in ("bash", "zsh", "fish")}
    documents = {"THIRD-PARTY-LICENSES": third, "sbom.cdx.json": bill}

    def write(name, data):
        with open(os.path.join(out, name), "wb") as file:
            file.write(data)
        print(f"{len(data):>10}  {name}", file=sys.stderr)

    top = f"{NAME}-{version}-{machine}-linux"
    shared = {f"share/man/{name}": (data, 0o644) for name, data in pages.items()}
    for kind, where in (("bash", "bash-completion/completions"), ("zsh", "zsh/site-functions"), ("fish", "fish/vendor_completions.d")):
        shared |= {f"share/{where}/{name}": (data, 0o644) for name, data in shells[kind].items()}
    shared |= {f"share/{NAME}/{path}": value for path, value in tree.items()}
    installed = {f"bin/{tool}": (data, 0o755) for tool, data in bins.items()} | shared
    installed |= {f"bin/{harness}": f"../share/{NAME}/scripts/{harness}" for harness in harnesses}
    # At the top of the archive the first things of the tree, so that a reader finds README.md and its links work.
    tops = sorted({path.split("/")[0] for path in tree})
    files = {f"{top}/{name}": value for name, value in installed.items()}
    files |= {f"{top}/{name}": f"share/{NAME}/{name}" for name in tops}
    files |= {f"{top}/{name}": (data, 0o644) for name, data in documents.items()}
    write(f"{top}.tar.gz", tar(files, epoch))
    write(f"{top}.tar.xz", tar(files, epoch, xz))

    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[machine]
    documentation = f"usr/share/doc/{NAME}"
    package = {f"{documentation}/{name}": f"../../{NAME}/{name}" for name in tops}
    for name, value in installed.items():
        if name.startswith("share/man/"):
            package[f"usr/{name}.gz"] = (gzip.compress(value[0], 9, mtime=0), 0o644)
        else:
            package[f"usr/{name.replace('share/zsh/site-functions', 'share/zsh/vendor-completions')}"] = value
    package[f"{documentation}/copyright"] = (licence + b"\n" + third, 0o644)
    package[f"{documentation}/changelog.gz"] = (gzip.compress(changes, 9, mtime=0), 0o644)
    package[f"{documentation}/sbom.cdx.json"] = (bill, 0o644)
    size = sum(len(value[0]) for value in package.values() if not isinstance(value, str)) // 1024 + 1
    control = (
        f"Package: {NAME}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: {NAME} maintainers <maintainers@users.noreply.example>\n"
        f"Installed-Size: {size}\nSection: utils\nPriority: optional\nDescription: {SUMMARY}\n"
        " kv-extract, percentile, merge-evidence, check-threshold and verdict read logs,\n"
        " metrics and JSON and answer PASS, FAIL or INCONCLUSIVE.\n"
    )
    write(f"{NAME}_{version}_{architecture}.deb", deb(control.encode(), package, epoch))

    # Static binaries run on any C library, so the wheel says both.
    tags = [f"py3-none-manylinux2014_{machine}", f"py3-none-musllinux_1_1_{machine}"]
    write(
        f"{NAME.replace('-', '_')}-{version}-py3-none-manylinux2014_{machine}.musllinux_1_1_{machine}.whl",
        wheel(version, tags, bins, harnesses, shared, licence + b"\n" + third, epoch),
    )

    manifest = {
        "name": NAME,
        "version": version,
        "description": SUMMARY,
        "license": "MIT",
        "os": ["linux"],
        "cpu": [{"x86_64": "x64", "aarch64": "arm64"}[machine]],
        "bin": {tool: f"bin/{tool}" for tool in bins} | {harness: f"scripts/{harness}" for harness in harnesses},
    }
    files = {f"package/bin/{tool}": (data, 0o755) for tool, data in bins.items()}
    files |= {f"package/{name}": value for name, value in tree.items()}
    files |= {f"package/{name}": (data, 0o644) for name, data in documents.items()}
    files["package/package.json"] = ((json.dumps(manifest, indent=2) + "\n").encode(), 0o644)
    write(f"{NAME}-{version}-{machine}-npm.tgz", tar(files, epoch))


main()
