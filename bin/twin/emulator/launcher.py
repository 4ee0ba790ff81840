"""Starts the pinned emulator with what it lacks, openly: each patch is one file, says what AWS does and why it is
needed, and has a test in test/twin. Any other version is refused: a patch that silently no longer fits would make the
twin lie."""

import importlib.metadata
import sys

SUPPORTED = "1.5.33"


def check_version() -> None:
    installed = importlib.metadata.version("ministack")
    if installed != SUPPORTED:
        sys.exit(
            f"The twin's patches fit ministack {SUPPORTED}; {installed} is installed. "
            "Remove the .twin folder and start again, or adapt bin/twin/emulator to the new version."
        )


def main() -> None:
    check_version()
    from patches import (
        boxes,
        callback,
        calls,
        ecr,
        events,
        faults,
        function_url,
        history,
        lambda_errors,
        parameter_events,
        s3_copy,
        sns_email,
        ssm_commands,
        sts_json,
    )

    # `faults` last of those that touch Step Functions: it plays deaths over what the others made right.
    for patch in (
        events,
        lambda_errors,
        ecr,
        sns_email,
        function_url,
        sts_json,
        callback,
        history,
        faults,
        s3_copy,
        boxes,
        ssm_commands,
        parameter_events,
        calls,
    ):
        patch.apply()

    from ministack.app import main as serve

    serve()


if __name__ == "__main__":
    main()
