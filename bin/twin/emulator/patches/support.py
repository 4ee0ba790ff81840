"""What the patches share: settings from the twin, and refusal when the emulator's source is not what we patched."""

import json
import os
import sys
import threading
import urllib.request


def require(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"The emulator's source changed where the twin patches it: {what}. The twin would lie; it stops.")


def setting(name: str, default: str = "") -> str:
    return os.environ.get(f"TWIN_{name}", default)


def control() -> dict:
    """The twin's test switches, re-read each time: {"dropEcrTags": [...], ...}. No file: none."""
    path = setting("CONTROL")
    try:
        with open(path) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def post_later(url: str, body: dict) -> None:
    """Fire and forget, as deliveries to the outside are; a twin without an inbox loses them."""

    def send() -> None:
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError as error:
            print(f"twin: could not deliver to {url}: {error}", file=sys.stderr)

    threading.Thread(target=send, daemon=True).start()
