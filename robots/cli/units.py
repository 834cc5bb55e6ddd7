"""What the service systems are told of Ragnhild: units for systemd, and files for a Windows service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

# Beside what the runs at work may take to end: their slots, and a change that is just being looked for.
LEAVING_SECONDS = 60
# The worker's first browser, and a migration before that.
STARTING_SECONDS = 300
WATCHDOG_SECONDS = 180
TARGET = "ragnhild.target"

TITLES = {
    "database": "maskinens egen databas",
    "worker": "worker",
    "scheduler": "schemaläggare",
    "portal": "portal",
    "watch": "vakt",
    "up": "worker och scheman",
}
# What goes on when the database has ended: the watch is to tell of it.
WITHOUT_DATABASE = ("database", "watch")


@dataclass(frozen=True)
class Place:
    """Where Ragnhild is installed on this machine, and as whom it runs.

    ``program`` is how a command is begun. ``writes`` are the folders that it changes, the data folder first.
    ``variables`` are what its settings are to be whatever else says; ``credentials`` the files that systemd hands over.
    """

    program: Sequence[str]
    folder: Path
    user: str
    writes: Sequence[Path]
    variables: dict[str, str]
    stop_minutes: float
    credentials: Sequence[Path] = field(default=())

    @property
    def stop_seconds(self) -> int:
        """How long it may take to end before it is killed."""
        return round(self.stop_minutes * 60) + LEAVING_SECONDS


def systemd_units(place: Place, parts: Sequence[str]) -> dict[str, str]:
    """The files by name. ``database`` among the parts is what the others begin after and end before."""
    units = {f"ragnhild-{part}.service": _service(place, part, parts) for part in parts}
    wanted = " ".join(units)
    return units | {
        TARGET: _lines(
            "[Unit]", f"Description=Ragnhild: {', '.join(TITLES[part] for part in parts)}", f"Wants={wanted}", "",
            "[Install]", "WantedBy=multi-user.target",
        )
    }  # fmt: skip


def _service(place: Place, part: str, parts: Sequence[str]) -> str:
    needs_database = "database" in parts and part not in WITHOUT_DATABASE
    first = " ragnhild-database.service" if needs_database else ""
    paths = " ".join(_quoted(path) for path in place.writes)
    return _lines(
        "# Skriven av «ragnhild install-service». Egna ändringar: systemctl edit " + f"ragnhild-{part}",
        "[Unit]",
        f"Description=Ragnhild, {TITLES[part]}",
        f"PartOf={TARGET}",
        "Wants=network-online.target",
        f"After=network-online.target{first}",
        f"Requires={first.strip()}" if first else None,
        f"RequiresMountsFor={paths}",
        "# Den försöker hur länge som helst: en databas som är borta en natt kommer tillbaka.",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=notify",
        f"User={place.user}",
        f"WorkingDirectory={_escaped(place.folder)}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in place.variables.items()),
        f"ExecStart={' '.join(map(_quoted, place.program))} {part}",
        f"TimeoutStartSec={STARTING_SECONDS}",
        "# SIGTERM går till huvudprocessen, som låter pågående körningar bli klara och avslutar sina platser själv.",
        "KillMode=mixed",
        f"TimeoutStopSec={place.stop_seconds}",
        "Restart=on-failure",
        "# Den som avslutas medan den startar säger 130.",
        "SuccessExitStatus=130",
        "RestartSec=5",
        f"WatchdogSec={WATCHDOG_SECONDS}",
        "# En körning som tar för mycket minne avbryts för sig; de andra går vidare.",
        "OOMPolicy=continue",
        "# MemoryMax= väljer du efter maskinen, till exempel 6G, i en egen fil: systemctl edit.",
        *(_credential(file) for file in place.credentials if part != "database"),
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        f"ReadWritePaths={paths}",
        "ProtectHome=read-only",
        "PrivateTmp=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "CapabilityBoundingSet=",
        "RestrictSUIDSGID=yes",
        "RestrictRealtime=yes",
        "SystemCallArchitectures=native",
        "# Inte RestrictNamespaces eller MemoryDenyWriteExecute: webbläsarens egen sandlåda behöver dem.",
        "LockPersonality=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "UMask=0077",
        "",
        "[Install]",
        f"WantedBy={TARGET}",
    )


def windows_service(place: Place, part: str) -> str:
    """What WinSW is told: an XML file that lies beside its program, under the same name."""
    program, *arguments = place.program
    service = ElementTree.Element("service")

    def add(name: str, text: str = "", /, **attributes: str) -> None:
        ElementTree.SubElement(service, name, attributes).text = text or None

    add("id", "ragnhild" if part == "up" else f"ragnhild-{part}")
    add("name", f"Ragnhild, {TITLES[part]}")
    add("description", "Programvarurobotar för kontaktcenter.")
    add("executable", program)
    add("arguments", " ".join([*arguments, part]))
    add("workingdirectory", str(place.folder))
    for name, value in place.variables.items():
        if name != "TZ":  # Windows has zones of its own, and misreads the names that others have
            add("env", name=name, value=value)
    add("startmode", "Automatic")
    add("delayedAutoStart", "true")
    add("onfailure", action="restart", delay="10 sec")
    add("resetfailure", "1 hour")
    add("stoptimeout", f"{place.stop_seconds} sec")
    add("logpath", str(place.writes[0] / "logs"))
    log = ElementTree.SubElement(service, "log", {"mode": "roll-by-size"})
    ElementTree.SubElement(log, "sizeThreshold").text = "10240"
    ElementTree.SubElement(log, "keepFiles").text = "8"
    ElementTree.indent(service)
    return ElementTree.tostring(service, encoding="unicode") + "\n"


def _credential(file: Path) -> str:
    return f"LoadCredential={_escaped(f'{file.name}:{file}')}"


def _quoted(text: str | Path) -> str:
    """As systemd reads it back: with signs of its own put out of force."""
    plain = _escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if any(sign in plain for sign in " \t\"'\\;") else plain


def _escaped(text: str | Path) -> str:
    return str(text).replace("%", "%%")


def _lines(*lines: str | None) -> str:
    return "\n".join(line for line in lines if line is not None) + "\n"
