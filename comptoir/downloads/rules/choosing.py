"""Which of the files a visitor most likely wants: by the machine and the languages that their browser tells."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What somebody's machine is; an empty part is not known."""

    platform: str = ""
    architecture: str = ""


def machine_of(user_agent: str, hinted_platform: str = "", hinted_architecture: str = "") -> Machine:
    """The machine that a browser tells: by its hints (`Sec-CH-UA-Platform`), else by its name."""
    told, agent = hinted_platform.strip('" ').lower(), user_agent.lower()
    phone = "android" in agent or "iphone" in agent or "ipad" in agent
    platform = {"windows": "windows", "macos": "macos", "linux": "linux"}.get(told, "")
    if not platform and not phone:
        signs = (("windows", "windows"), ("macintosh", "macos"), ("mac os x", "macos"), ("linux", "linux"))
        platform = next((name for sign, name in signs if sign in agent), "")
    arm = hinted_architecture.strip('" ').lower() == "arm" or "arm64" in agent or "aarch64" in agent
    return Machine(platform, "arm64" if arm else "x64" if "x86_64" in agent or "x64" in agent or "wow64" in agent else "")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a file is for; `any` and an empty language fit everybody."""

    platform: str
    architecture: str
    language: str
    kind: str


def best(files: Sequence[Choice], machine: Machine, language: str) -> int | None:
    """The index of the file to offer first: an installer for that machine in that language; None where none runs on it."""
    fitting = [
        (index, one)
        for index, one in enumerate(files)
        if one.kind != "documentation" and (not machine.platform or one.platform in {machine.platform, "any"})
    ]
    if not fitting:
        return None
    return min(fitting, key=lambda told: (_far(told[1], machine, language), told[0]))[0]


def _far(one: Choice, machine: Machine, language: str) -> tuple[int, int, int, int]:
    return (
        one.platform == "any",
        {machine.architecture or "x64": 0, "any": 1}.get(one.architecture, 2),
        {language: 0, "": 1}.get(one.language, 2),
        one.kind != "installer",
    )
