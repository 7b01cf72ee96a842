"""Fetch the pinned front-end packages from npm and write the few files we serve, with a manifest of hashes.

Run it by hand when a pin below changes, and commit what it writes; nothing is fetched at run time.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FONTS = "@fontsource-variable/source-sans-3"
SUBSETS = [(subset, style) for subset in ("latin", "latin-ext", "vietnamese") for style in ("normal", "italic")]


@dataclass(frozen=True)
class Package:
    """One npm package at one version, and the files of it that we keep."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]  # path inside the package -> name beside the manifest


PACKAGES = [
    Package("bootstrap", "5.3.9", "MIT", "bootstrap", {"dist/css/bootstrap.min.css": "bootstrap.min.css"}),
    Package("htmx.org", "4.0.1", "0BSD", "htmx", {"dist/htmx.min.js": "htmx.min.js"}),
    Package(
        "tom-select",
        "2.6.2",
        "Apache-2.0",
        "tom-select",
        {"dist/js/tom-select.popular.min.js": "tom-select.popular.min.js"},
    ),
    Package(
        FONTS,
        "5.3.1",
        "OFL-1.1",
        "source-sans-3",
        {f"files/source-sans-3-{s}-wght-{y}.woff2": f"source-sans-3-{s}-wght-{y}.woff2" for s, y in SUBSETS},
    ),
]


def without_source_map(text: str) -> str:
    """The script or style sheet without its `sourceMappingURL`, which names a file that we do not serve."""
    return re.sub(r"\s*(//[#@]\s*sourceMappingURL=\S+|/\*[#@]\s*sourceMappingURL=[^*]*\*/)\s*", "\n", text)


def digest(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def packed(package: Package, into: Path) -> tuple[Path, str]:
    """The package's archive, fetched by npm, and its integrity string; the archive is compared with it."""
    command = ["npm", "pack", f"{package.name}@{package.version}", "--json"]
    ran = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise CommandError(f"npm could not fetch {package.name} {package.version}: {ran.stderr.strip()}")
    answer = json.loads(ran.stdout)[0]
    archive = into / answer["filename"].replace("@", "").replace("/", "-")
    sha512 = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if sha512 != answer["integrity"]:
        raise CommandError(f"{package.name}: the archive is not what the registry promised.")
    return archive, sha512


class Command(BaseCommand):
    help = "Fetch the pinned scripts, styles and fonts and write static/vendor with its manifest."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every package's files and licence, then the manifest."""
        vendor = Path(settings.BASE_DIR) / "static" / "vendor"
        entries = []
        with tempfile.TemporaryDirectory() as scratch:
            for package in PACKAGES:
                archive, integrity = packed(package, Path(scratch))
                entries.append(self.write(package, archive, integrity, vendor))
                self.stdout.write(f"{package.name} {package.version}: {len(package.files)} files")
        (vendor / "manifest.json").write_text(json.dumps({"packages": entries}, indent=2) + "\n")

    def write(self, package: Package, archive: Path, integrity: str, vendor: Path) -> dict[str, Any]:
        """Take the named files and the licence out of the archive; return the manifest's entry."""
        folder = vendor / package.folder
        folder.mkdir(parents=True, exist_ok=True)
        hashes = {}
        with tarfile.open(archive) as tar:
            for inside, name in {**package.files, "LICENSE": "LICENSE"}.items():
                member = tar.extractfile(f"package/{inside}")
                if member is None:
                    raise CommandError(f"{package.name} has no file {inside}.")
                content = member.read()
                if name.endswith((".js", ".css")):
                    content = without_source_map(content.decode()).encode()
                (folder / name).write_bytes(content)
                hashes[f"{package.folder}/{name}"] = digest(folder / name)
        return {
            "package": package.name,
            "version": package.version,
            "licence": package.licence,
            "integrity": integrity,
            "sha256": hashes,
        }
