"""supervisord's configuration: the processes of a cluster and how each is kept running."""

import configparser
import dataclasses
import getpass
import io
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.controlplane.layout import Layout
from tools.controlplane.settings import ADVERTISED_ADDRESS, Record

__all__ = ["EVENT_LISTENER", "Program", "program_text", "supervisor_text"]

CHECKOUT = Path(__file__).parents[2]
LAUNCH = Path(__file__).with_name("launch.py")
EVENT_LISTENER = "events"
FOREVER = 1_000_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Program:
    """A process to keep running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    grace_period: int = 10
    section: str = "program"
    extra: Mapping[str, str] = dataclasses.field(default_factory=dict)


def program_text(layout: Layout, program: Program) -> str:
    """The file that makes supervisord know one program."""
    return _text({f"{program.section}:{program.name}": _options(layout, program)})


def supervisor_text(layout: Layout, record: Record) -> str:
    """The main file: supervisord itself, and the programs that are not static Pods."""
    return _text(
        {
            "supervisord": _daemon(layout),
            "unix_http_server": {"file": record.socket, "chmod": "0700"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
            },
            # Relative to this file: a pattern with a space in it would be taken for two.
            "include": {"files": f"{layout.programs.name}/*.conf"},
            **{f"{program.section}:{program.name}": _options(layout, program) for program in _own(layout, record)},
        }
    )


def _daemon(layout: Layout) -> dict[str, str]:
    return {
        "logfile": str(layout.log("supervisord")),
        "pidfile": str(layout.folder / "supervisord.pid"),
        "childlogdir": str(layout.logs),
        # Without this supervisord running as root complains that it has not been told to stay root.
        **({"user": getpass.getuser()} if os.getuid() == 0 else {}),
    }


def _own(layout: Layout, record: Record) -> list[Program]:
    return [
        Program(name="node", command=(sys.executable, "-m", "tools.controlplane.node", str(layout.folder))),
        Program(
            name="kwok",
            command=_kwok(layout, record),
            environment={"HOME": str(layout.folder)},
            extra={"autostart": "false"},
        ),
        Program(
            name=EVENT_LISTENER,
            command=(sys.executable, "-m", "tools.controlplane.events", str(layout.events)),
            section="eventlistener",
            extra={
                "events": "PROCESS_STATE_STOPPING,PROCESS_STATE_STOPPED,PROCESS_STATE_EXITED,PROCESS_STATE_BACKOFF",
                "buffer_size": "1000",
                # Its output is what it says to supervisord.
                "redirect_stderr": "false",
                "stdout_logfile": "NONE",
                "stderr_logfile": str(layout.log(EVENT_LISTENER)),
            },
        ),
    ]


def _kwok(layout: Layout, record: Record) -> tuple[str, ...]:
    return (
        str(layout.binaries / "kwok"),
        f"--kubeconfig={layout.kubeconfigs / 'kwok.conf'}",
        f"--server-address=127.0.0.1:{record.ports.kwok}",
        "--manage-all-nodes=true",
        f"--node-ip={ADVERTISED_ADDRESS}",
        # The successor of a killed one plays nothing until its leases are over (node_lease_controller.go, kwok 0.7.0).
        "--node-lease-duration-seconds=2",
    )


def _options(layout: Layout, program: Program) -> dict[str, str]:
    command = (sys.executable, "-I", "-S", str(LAUNCH), str(layout.events), program.name, *program.command)
    environment = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    return {
        "command": shlex.join(command),
        "directory": str(CHECKOUT),
        "environment": environment,
        "autostart": "true",
        "autorestart": "true",
        # supervisord waits one second longer before each new try, and is never to give up.
        "startretries": str(FOREVER),
        "stopwaitsecs": str(program.grace_period),
        "redirect_stderr": "true",
        "stdout_logfile": str(layout.log(program.name)),
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": "1",
        **program.extra,
    }


def _text(sections: Mapping[str, Mapping[str, str]]) -> str:
    parser = configparser.RawConfigParser()
    for name, options in sections.items():
        # supervisord expands %(...)s in every value.
        parser[name] = {key: value.replace("%", "%%") for key, value in options.items()}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()
