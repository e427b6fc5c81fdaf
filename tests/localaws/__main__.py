"""``python -m localaws``: serve a local AWS until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import threading

from localaws.server import LocalAWS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m localaws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on the loopback interface; a free one by default")
    parser.add_argument("--region", default="us-east-1")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with LocalAWS(region=arguments.region, port=arguments.port) as aws:
        for name, value in aws.environment().items():
            print(f"export {name}={value}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
