"""An instance with a container behind it is a machine: systemd is its first process, it may be switched off and on again
with its disk kept (as an EBS-backed instance), and whoever is off is no host that Run Command reaches. The emulator starts
a shell's keepalive under docker-init, and neither stops nor starts such an instance."""

import time

from ministack.services import ec2

from .support import require

NAMES = ("_parse_ec2_docker_flags", "_stop_instances", "_start_instances", "_vm_get_container", "_probe_shell",
         "_vm_apply_container_ip", "_get_ministack_network", "_get_docker", "_parse_member_list", "_ACTION_MAP")
# What systemd and a docker daemon of the machine's own need beside the twin's flags.
MACHINE = {
    "init": False,
    "command": ["/sbin/init"],
    "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
}
STOPPED = {"Code": 80, "Name": "stopped"}
RUNNING = {"Code": 16, "Name": "running"}


def apply() -> None:
    for name in NAMES:
        require(hasattr(ec2, name), f"ec2.{name}")
    flags, stop, start = ec2._parse_ec2_docker_flags, ec2._stop_instances, ec2._start_instances
    ec2._parse_ec2_docker_flags = lambda text: {**flags(text), **MACHINE}
    ec2._ACTION_MAP["StopInstances"] = lambda params: switch(params, stop, off)
    ec2._ACTION_MAP["StartInstances"] = lambda params: switch(params, start, on)


def switch(params, otherwise, machine):
    """A machine is told as one that keeps its disk; the emulator's own function answers."""
    instances = [ec2._instances.get(one) for one in ec2._parse_member_list(params, "InstanceId")]
    boxes = [one for one in instances if one and one.get("VmManager") == "docker"]
    for box in boxes:
        machine(box)
        box["RootDeviceType"] = "ebs"
    return otherwise(params)


def off(box: dict) -> None:
    container = ec2._vm_get_container(box)
    box["State"], box["_ssm_managed"] = STOPPED.copy(), False
    if container is not None and container.status == "running":
        container.kill()


def on(box: dict) -> None:
    container = ec2._vm_get_container(box)
    if container is None:
        return
    container.start()
    ec2._vm_apply_container_ip(box, container, ec2._get_ministack_network(ec2._get_docker()))
    # The agent answers once the machine has come up.
    deadline = time.monotonic() + 30
    while not ec2._probe_shell(container) and time.monotonic() < deadline:
        time.sleep(0.2)
    box["State"], box["_ssm_managed"] = RUNNING.copy(), True
